from pathlib import Path

import fsspec
import pytest
from kedro.io import DatasetError

from stillroom.compression.edge import EdgeCard, EdgeFile
from stillroom.datasets.edge import EdgeDataset
from stillroom.datasets.files import UnreadableError
from stillroom.integrity.digests import sha256

MODEL = b"ORTM, and some weights"
CARD = EdgeCard(
    table="small",
    task="binary",
    target="target",
    classes=None,
    candidate="student",
    metric="roc_auc",
    metrics={"roc_auc": 0.75},
    size_kb=0.02,
    sha256=sha256(MODEL),
    example={"height": 1.5},
    choices={},
)


@pytest.mark.parametrize("protocol", ["file", "memory"])
def test_the_file_and_its_card_are_kept_side_by_side(tmp_path: Path, protocol: str) -> None:
    dataset = EdgeDataset(filepath=f"{protocol}://{tmp_path}/edge")
    dataset.save(EdgeFile(MODEL, CARD))

    assert dataset.load() == EdgeFile(MODEL, CARD)
    names = [path.rpartition("/")[2] for path in fsspec.filesystem(protocol).ls(f"{tmp_path}/edge", detail=False)]
    assert sorted(names) == ["model.json", "model.ort"]


def test_a_model_changed_by_one_byte_is_refused(tmp_path: Path) -> None:
    dataset = EdgeDataset(filepath=str(tmp_path / "edge"))
    dataset.save(EdgeFile(MODEL, CARD))
    (tmp_path / "edge/model.ort").write_bytes(MODEL[:-1] + b"S")

    with pytest.raises(
        UnreadableError, match=rf"edge/model\.ort is not the file that was saved: .* expected {sha256(MODEL)}; run"
    ):
        dataset.load()


@pytest.mark.parametrize("lost", ["model.json", "model.ort"])
def test_without_one_of_the_two_nothing_is_loaded(tmp_path: Path, lost: str) -> None:
    dataset = EdgeDataset(filepath=str(tmp_path / "edge"))
    dataset.save(EdgeFile(MODEL, CARD))
    (tmp_path / "edge" / lost).unlink()

    with pytest.raises(UnreadableError, match="cannot be read"):
        dataset.load()


def test_saving_that_fails_leaves_both_as_they_were(tmp_path: Path) -> None:
    dataset = EdgeDataset(filepath=str(tmp_path / "edge"))
    dataset.save(EdgeFile(MODEL, CARD))

    with pytest.raises(DatasetError, match="model_dump_json"):
        dataset.save(EdgeFile(b"another", None))  # type: ignore[arg-type]

    assert dataset.load() == EdgeFile(MODEL, CARD)
