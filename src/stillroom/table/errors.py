"""What is raised for data or a declaration that cannot be used."""


class InputError(ValueError):
    """The data or what is declared of it cannot be used; the message is one sentence for whoever gave it.

    On the command line the message is shown alone, without a traceback (`stillroom.hooks`).
    """


class NothingLiveError(InputError):
    """There are no live rows to watch."""
