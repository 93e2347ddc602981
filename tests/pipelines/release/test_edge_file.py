from pathlib import Path

import numpy as np
import polars as pl
from kedro.runner import SequentialRunner

from pipelines import small_run
from stillroom.pipelines.release import create_pipeline
from stillroom.serving.model import Model
from stillroom.table.encoding import feeds
from stillroom.table.split import part


def test_the_run_writes_an_edge_file_that_answers_as_its_candidate_and_a_row_to_begin_with(tmp_path: Path) -> None:
    catalog = small_run.catalog(tmp_path, "multiclass", small_run.model("multiclass", tmp_path, epochs=1))
    for name in ("edge_model", "edge_card"):
        catalog[name] = small_run.Kept()

    SequentialRunner().run(create_pipeline().to_outputs("edge_model"), catalog)

    card, encoding = catalog.load("edge_card"), small_run.encoding("multiclass")
    rows = part(small_run.training_table("multiclass"), "test").collect()
    answers = Model(catalog.load("edge_model")).predict(feeds(rows, encoding))
    np.testing.assert_array_equal(answers, catalog.load("test_predictions")["student"])
    assert card.classes == ["low", "middle", "top"]
    assert card.size_kb == len(catalog.load("edge_model")) / 1000
    example = pl.DataFrame([card.example]).select(
        pl.exclude("colour", "room"), pl.col("colour", "room").cast(pl.String)
    )
    np.testing.assert_allclose(
        Model(catalog.load("edge_model")).predict(feeds(example, encoding)), answers[:1], rtol=1e-6
    )
