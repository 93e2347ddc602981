from pathlib import Path

import numpy as np
import polars as pl
from kedro.runner import SequentialRunner

from pipelines import small_run
from stillroom.datasets.edge import EdgeDataset
from stillroom.pipelines.release import create_pipeline
from stillroom.serving.model import Model
from stillroom.table.encoding import feeds
from stillroom.table.split import part


def test_the_run_writes_an_edge_file_that_answers_as_its_candidate_and_a_row_to_begin_with(tmp_path: Path) -> None:
    catalog = small_run.catalog(tmp_path, "multiclass", small_run.model("multiclass", tmp_path, epochs=1))
    catalog["edge"] = EdgeDataset(filepath=str(tmp_path / "edge"))

    SequentialRunner().run(create_pipeline().to_outputs("edge"), catalog)

    edge, encoding = catalog.load("edge"), small_run.encoding("multiclass")
    rows = part(small_run.training_table("multiclass"), "test").collect()
    answers = Model(edge.model).predict(feeds(rows, encoding))
    np.testing.assert_array_equal(answers, catalog.load("test_predictions")["student"])
    assert edge.card.classes == ["low", "middle", "top"]
    assert edge.card.size_kb == len(edge.model) / 1000
    example = pl.DataFrame([edge.card.example]).select(
        pl.exclude("colour", "room"), pl.col("colour", "room").cast(pl.String)
    )
    np.testing.assert_allclose(Model(edge.model).predict(feeds(example, encoding)), answers[:1], rtol=1e-6)
