"""Tables of pictures: from a folder, from paths in a Parquet table, and bundled."""

import polars as pl
import pytest
from kedro.io import DatasetError

from stillroom.datasets.bundled import BundledTableDataset
from stillroom.datasets.files import UnreadableError
from stillroom.datasets.pictures import PictureFolderDataset, PictureTableDataset
from stillroom.table.inputs.pictures import pixels, png
from table.pictures import levels

PICTURES = [png(each) for each in levels(4)]


@pytest.fixture
def folder(tmp_path):
    for number, name in enumerate(["cats/1.png", "cats/old/2.PNG", "dogs/1.png"]):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(PICTURES[number])
    (tmp_path / "dogs/notes.txt").write_text("no picture")
    (tmp_path / "stray.png").write_bytes(PICTURES[3])
    return tmp_path


def test_a_folder_of_pictures_is_a_table_by_class(folder):
    table = PictureFolderDataset(filepath=str(folder)).load().collect()

    assert table.rows() == [
        ("cats/1.png", PICTURES[0], "cats"),
        ("cats/old/2.PNG", PICTURES[1], "cats"),
        ("dogs/1.png", PICTURES[2], "dogs"),
    ]


def test_a_folder_is_previewed_without_its_bytes_and_only_read(folder):
    dataset = PictureFolderDataset(filepath=str(folder))

    assert dataset.preview(nrows=1)["data"] == [("cats/1.png", "cats")]
    with pytest.raises(DatasetError, match="only read"):
        dataset.save(pl.LazyFrame())


def test_a_folder_without_classes_says_what_it_should_hold(tmp_path):
    (tmp_path / "stray.png").write_bytes(PICTURES[0])
    with pytest.raises(UnreadableError, match=r"holds no pictures in sub-folders named by class \(.png"):
        PictureFolderDataset(filepath=str(tmp_path)).load()


def test_paths_in_a_table_become_pictures_read_where_they_are_needed(folder):
    table = pl.DataFrame({"photo": ["cats/1.png", None, "dogs/1.png"], "weight": [4.0, 5.0, 30.0]})
    table.write_parquet(folder / "pets.parquet")
    loaded = PictureTableDataset(filepath=str(folder / "pets.parquet"), column="photo").load()

    assert loaded.collect_schema() == {"photo": pl.Binary, "weight": pl.Float64}
    assert loaded.collect()["photo"].to_list() == [PICTURES[0], None, PICTURES[2]]
    (folder / "dogs/1.png").unlink()
    assert loaded.select("weight").collect().height == 3


def test_a_picture_that_is_not_there_and_a_column_that_is_not_are_named(folder):
    pl.DataFrame({"photo": ["cats/9.png"]}).write_parquet(folder / "pets.parquet")
    dataset = PictureTableDataset(filepath=str(folder / "pets.parquet"), column="photo")
    with pytest.raises(Exception, match=r"cats/9.png, a picture that .*pets.parquet names, cannot be read"):
        dataset.load().collect()
    with pytest.raises(UnreadableError, match="has no column picture, which should hold the pictures' paths"):
        PictureTableDataset(filepath=str(folder / "pets.parquet"), column="picture").load()


def test_the_bundled_digits_are_pictures_of_sixteen_levels():
    table = BundledTableDataset(name="digits").load().collect()

    assert (table.height, table["target"].n_unique()) == (1797, 10)
    first = pixels(table["picture"][0], 8, 8, 1)
    assert (first.min(), first.max()) == (0, 239)  # 15 of 16
    assert BundledTableDataset(name="digits").preview(nrows=1)["data"] == [["picture", "0"]]
