"""The champion before the champion, back in its place."""

from kedro.io import CatalogProtocol

from stillroom.datasets.champion import Champion


def roll_back(catalog: CatalogProtocol) -> Champion:
    """Build the Bento of the champion before this one, then name it champion; returns the record.

    Raises ValueError where there is none, DatasetError where its files are not those saved.
    """
    standing: Champion = catalog.load("champion")
    restored = standing.rolled_back()
    catalog.save("bento", restored.tag)
    catalog.save("champion", restored)
    return restored
