"""The configuration reference says what the models and the files of `conf` say."""

import pytest
from configuration import configuration
from declared import comments, leading_comment, package_of
from linked import linked_files, within_the_site

from conftest import ROOT
from stillroom.serving.settings import PREFIX, ServiceConfig

OPTIONS = sorted(ROOT.glob("conf/base/*/*.yaml"))


@pytest.fixture(scope="module")
def page() -> str:
    return configuration()


@pytest.mark.parametrize("file", OPTIONS, ids=lambda file: f"{file.parent.name}={file.stem}")
def test_every_option_says_what_it_is(file, page: str) -> None:
    assert leading_comment(file.read_text()), f"{file} must begin with a comment"
    assert f'??? note "{file.stem}: {leading_comment(file.read_text())}"' in page


def test_a_key_has_its_type_limits_default_and_the_comment_behind_it(page: str) -> None:
    assert "| `devices` | whole number (above `0`) | `1` | of this host; more than one trains in one" in page
    assert "| `psi` | number (above `0`) | `0.1` | population stability index of numbers, in nats |" in page
    assert "| `target` | text | must be given |  |" in page


def test_keys_within_keys_and_members_of_unions_have_sections(page: str) -> None:
    for section in ("`compress.prune`", "`table.split` of kind `time`", "`table.split` of kind `random`"):
        assert f"### {section}\n" in page


def test_every_setting_of_the_service_is_there(page: str) -> None:
    assert all(f"| `{PREFIX}{name.upper()}` |" in page for name in ServiceConfig.model_fields)


def test_comments_stand_behind_keys_or_above_them() -> None:
    text = "# The file's.\n# @package model\na: 1  # one\nb:  # of two\n  # above\n  c: {d: 2}\n  e: '#no'\n"

    assert comments(text, package_of(text, "group")) == {"model.a": "one", "model.b": "of two", "model.b.c": "above"}
    assert leading_comment(text) == "The file's."


def test_a_link_out_of_the_docs_leads_to_a_page_of_that_file() -> None:
    text = "see [the spec](../src/stillroom/table/spec.py) and [Spark](../conf/spark)"
    pages = linked_files(str(ROOT / "docs"), [text])

    assert set(pages) == {"repository/src/stillroom/table/spec.py.md", "repository/conf/spark.md"}
    assert "class TableSpec" in pages["repository/src/stillroom/table/spec.py.md"]
    assert "## spark.yml" in pages["repository/conf/spark.md"]
    assert within_the_site(text, "adopt.md").startswith("see [the spec](repository/src/stillroom/table/spec.py.md)")
