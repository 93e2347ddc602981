"""The version of code: whatever a module runs counts, nothing else does."""

import pytest

from stillroom.fingerprints import code
from stillroom.fingerprints.code import Code

PACKAGE = {
    "shop/__init__.py": "",
    "shop/nodes.py": "from shop.prices import price\n\ndef node():\n    from . import late\n    return price",
    "shop/prices.py": "import shop.taxes as taxes\nprice = 1",
    "shop/taxes.py": "rate = 0.2",
    "shop/late.py": "when = 1",
    "shop/page.j2": "<p>",
    "shop/apart.py": "x = 1",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in PACKAGE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def version(folder, module="shop.nodes"):
    """As a new process finds it."""
    code._read.cache_clear()
    code._beside.cache_clear()
    return Code([folder]).version([module])


@pytest.mark.parametrize(
    "changed", ["shop/nodes.py", "shop/prices.py", "shop/taxes.py", "shop/late.py", "shop/page.j2", "shop/__init__.py"]
)
def test_a_change_of_what_a_module_is_made_of_changes_its_version(folder, changed):
    before = version(folder)

    (folder / changed).write_text(PACKAGE[changed] + "\n")

    assert version(folder) != before


def test_a_module_that_is_not_imported_does_not_count(folder):
    before = version(folder)

    (folder / "shop/apart.py").write_text("x = 2")

    assert version(folder) == before


def test_one_process_keeps_to_the_code_that_it_has_read(folder):
    before = version(folder)

    (folder / "shop/prices.py").write_text("price = 2")

    assert Code([folder]).version(["shop.nodes"]) == before


@pytest.mark.parametrize(
    ("text", "module"),
    [
        ("shop.prices.price", "shop.prices"),
        ("shop.Class", "shop"),
        ("torch.optim.AdamW", None),
        ("a sentence.", None),
        ("shop", None),
    ],
)
def test_a_dotted_path_names_the_project_s_own_module(folder, text, module):
    assert Code([folder]).named(text) == module
