"""Templates of self-contained pages: one HTML file that needs no network and no script."""

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from stillroom.pages import numbers


def environment(package: str) -> Environment:
    """The templates of a package, which may extend `page.html.j2` and use the filters of ``numbers``.

    Everything is escaped, since names and categories come from data; a name that is not given is an error.
    """
    loader = ChoiceLoader([PackageLoader(package), PackageLoader("stillroom.pages")])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters.update({write.__name__: write for write in numbers.FILTERS})
    return made
