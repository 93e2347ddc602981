"""Tables as lines of text, for a terminal."""


def aligned(lines: list[list[str]], left: tuple[int, ...]) -> list[str]:
    """Lines of cells in columns: those at the places `left` to the left, figures to the right."""
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    lefts = {place % len(widths) for place in left}
    return [
        "  ".join(
            cell.ljust(w) if i in lefts else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
