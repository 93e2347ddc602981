"""CPU time and memory of this process and of all that it has started."""

import resource

import psutil


class ProcessTree:
    """This process, its children and theirs; of processes that ended, the CPU time remains once a parent waited."""

    def __init__(self) -> None:
        self._own = psutil.Process()
        self._children: list[psutil.Process] = []

    def look(self) -> None:
        """Look for children: milliseconds, since all processes of the machine are asked who their parent is."""
        self._children = self._own.children(recursive=True)

    def cpu_seconds(self) -> float:
        """User and system time of all."""
        # Those who ended come first: a child that ends meanwhile is missed this once, and never counted twice.
        spent = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
        seconds = sum(usage.ru_utime + usage.ru_stime for usage in spent)
        for child in self._children:
            try:
                seconds += sum(child.cpu_times()[:4])  # user, system, and both of its own ended children
            except psutil.Error:
                continue
        return seconds

    def memory_bytes(self) -> int:
        """Resident memory of all; what processes share is counted in each."""
        held = 0
        for process in [self._own, *self._children]:
            try:
                held += process.memory_info().rss
            except psutil.Error:
                continue
        return held
