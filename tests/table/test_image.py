"""The image kind of column: declared, checked, fitted and decoded."""

import io

import numpy as np
import polars as pl
import pytest
from PIL import Image

from stillroom.table.encoding import Encoding, encode, feeds, with_odd_values
from stillroom.table.errors import InputError
from stillroom.table.inputs.pictures import PictureError, pixels, png
from stillroom.table.quality import check_table, quality_report
from stillroom.table.split import with_split

from .pictures import encoding, frame, levels, spec


def test_pictures_become_pixels_channels_first():
    table = frame(6, channels=3)
    encoded = encode(table.lazy(), encoding(spec(channels=3), table))

    assert encoded["image"].dtype == np.uint8
    np.testing.assert_array_equal(encoded["image"], levels(6, channels=3).transpose(0, 3, 1, 2))


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_are_channels_first_in_memory_too(channels):
    table = frame(6, channels=channels)
    pixels = encode(table.lazy(), encoding(spec(channels=channels), table))["image"]

    assert pixels.strides == (channels * pixels[0, 0].size, pixels[0, 0].size, pixels.shape[3], 1)


def test_the_statistics_are_of_each_channel():
    red = np.zeros((4, 8, 8, 3), np.uint8)
    red[..., 0] = np.arange(4)[:, None, None] * 60
    table = frame(6).head(4).with_columns(picture=pl.Series([png(each) for each in red]))
    (column,) = encoding(spec(channels=3), table).image

    assert column.mean == pytest.approx([90 / 255, 0, 0], abs=1e-6)
    assert column.deviation == pytest.approx([np.std([0, 60, 120, 180]) / 255, 1e-3, 1e-3], abs=1e-6)


def test_a_missing_picture_is_black_and_odd_rows_have_some():
    table = frame(60)
    fitted = encoding(spec(), table)
    fed = feeds(with_odd_values(table, fitted, every=10), fitted)["picture"]

    assert fed.shape == (60, 8, 8, 1)
    assert (fed.reshape(60, -1).max(axis=1) == 0).sum() == 6


@pytest.mark.parametrize("form", ["PNG", "JPEG", "BMP", "GIF"])
def test_pictures_of_any_form_and_size_become_one_size(form):
    file = io.BytesIO()
    Image.new("RGB", (30, 20), (200, 100, 50)).save(file, form)

    found = pixels(file.getvalue(), 8, 10, 3)

    assert found.shape == (8, 10, 3)
    np.testing.assert_allclose(found.mean(axis=(0, 1)), [200, 100, 50], atol=6)


def test_grey_is_made_of_colour_as_it_is_declared():
    colour = png(np.full((8, 8, 3), (255, 0, 0), np.uint8))

    assert pixels(colour, 8, 8, 1).max() == 76  # 0.299 of red: ITU-R 601
    assert pixels(colour, 8, 8, 3).shape == (8, 8, 3)


@pytest.mark.parametrize("broken", [b"", b"no picture", png(levels(1)[0])[:40]], ids=["empty", "text", "cut short"])
def test_what_is_no_picture_is_told_with_its_row(broken):
    with pytest.raises(PictureError, match="no picture that can be decoded"):
        pixels(broken, 8, 8, 1)
    table = frame(6)
    pictures = table["picture"].to_list()
    pictures[4] = broken
    fitted = encoding(spec(), table)
    with pytest.raises(InputError, match=r"rows\[4\], column picture: no picture"):
        encode(table.with_columns(picture=pl.Series(pictures)).lazy(), fitted)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    bomb = io.BytesIO()
    Image.new("1", (9000, 9000)).save(bomb, "PNG")

    with pytest.raises(PictureError, match="9000 x 9000 pixels are more than the 50000000 allowed"):
        pixels(bomb.getvalue(), 8, 8, 1)


def test_paths_are_not_taken_for_pictures():
    paths = frame(6).with_columns(picture=pl.lit("a.png"))
    with pytest.raises(InputError, match=r"picture is declared image, but its type is String.*PictureTableDataset"):
        check_table(paths.lazy(), spec())


def test_the_quality_report_describes_pictures_beside_other_columns():
    declared = spec(numeric=["number"], categorical=["kind"])
    report = quality_report(with_split(frame(60).lazy(), declared), declared)

    assert report["columns"]["picture"]["kind"] == "image"
    assert report["columns"]["picture"]["distinct"] == report["rows"]["train"]
    assert report["kept"] == ["number", "kind", "picture"]


def test_a_constant_picture_is_redundant():
    declared = spec(numeric=["number"])
    same = frame(60).with_columns(picture=pl.lit(png(levels(1)[0])))
    report = quality_report(with_split(same.lazy(), declared), declared)

    assert report["dropped"] == {"picture": "constant in the training split"}


def test_several_image_columns_share_one_size():
    size = {"height": 8, "width": 8}
    with pytest.raises(ValueError, match="must share one height and width"):
        spec(image={"picture": size, "other": size | {"width": 9}})
    table = frame(6).with_columns(other=pl.col("picture").reverse())
    fitted = encoding(spec(image={"picture": size, "other": size | {"channels": 3}}), table)

    assert encode(table.lazy(), fitted)["image"].shape == (6, 4, 8, 8)


def test_an_encoding_with_pictures_survives_json():
    fitted = encoding(spec(), frame(6))

    assert Encoding.model_validate_json(fitted.model_dump_json()) == fitted
