"""What the service refuses, and how it says so."""

from stillroom.table.inputs import MisfitError


class RefusedError(Exception):
    """A request that cannot be answered, with the HTTP status and the one sentence its sender gets.

    ``retry_after`` are the seconds after which the same request may succeed, if any.
    """

    def __init__(self, status: int, sentence: str, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry_after = retry_after


def too_many(rows: int, max_rows: int) -> RefusedError:
    """The error of a request of too many rows."""
    return RefusedError(413, f"{rows} rows are more than the {max_rows} that one request may hold")


def misfitting(misfit: MisfitError, first: int) -> RefusedError:
    """The error of a value that does not fit, in a piece of a request whose rows begin at ``first``."""
    return RefusedError(422, str(MisfitError(first + misfit.row, misfit.column, misfit.problem)))
