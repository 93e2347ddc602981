"""What the service refuses, and how it says so."""


class RefusedError(Exception):
    """A request that cannot be answered, with the HTTP status and the one sentence its sender gets."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
