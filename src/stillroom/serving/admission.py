"""Who is let in: overload is turned away early, so that those within are answered in time."""

from stillroom.serving.errors import RefusedError

RETRY_AFTER_SECONDS = 1


class Admission:
    """Lets in at most ``most`` requests at a time, each to be answered within ``deadline`` seconds."""

    def __init__(self, most: int, deadline: float) -> None:
        self._most, self._deadline = most, deadline
        self.within = 0

    def enter(self, begun: float) -> float:
        """Count a request in that has begun at this time, and return its deadline, both of perf_counter.

        Raises RefusedError with a time to try again where too many are within.
        """
        if self.within >= self._most:
            raise RefusedError(503, f"{self.within} requests are waiting already; try again", RETRY_AFTER_SECONDS)
        self.within += 1
        return begun + self._deadline

    def leave(self) -> None:
        """Count it out."""
        self.within -= 1


def too_late() -> RefusedError:
    """What a request gets whose turn did not come within its deadline."""
    return RefusedError(503, "the turn of this request did not come in time; try again", RETRY_AFTER_SECONDS)
