"""A sweep over pruning ratios: candidates, each trained on after it was pruned, and a record of every attempt."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from torch import Tensor

from stillroom.compression.pruning.channels import Channels, NotFollowedError
from stillroom.compression.pruning.left_whole import ANSWERS, EMBEDDING, holds_raw_weights, layer_and_class, left_whole
from stillroom.compression.pruning.members import HOOK
from stillroom.compression.pruning.narrow import narrowed
from stillroom.compression.pruning.settings import PruneConfig, Stop
from stillroom.compression.pruning.trial import Cost, PruningTrial
from stillroom.models.network import Inputs, TableNetwork
from stillroom.training.fit import Fitted

OF = "student"


@dataclass(frozen=True)
class Sweep:
    """What a network is pruned with.

    ``inputs`` are a few rows, run through a network to follow its layers. ``fine_tune`` trains a network, given the
    name of the stage and its epochs. ``loss`` is that of a network on some training rows; the importance `taylor`
    alone asks for it.
    """

    config: PruneConfig
    inputs: Inputs
    fine_tune: Callable[[TableNetwork, str, int], Fitted]
    loss: Callable[[TableNetwork], Tensor]

    def run(self, network: TableNetwork) -> tuple[dict[str, TableNetwork], list[PruningTrial]]:
        """The candidates, and a record of each attempt.

        Where nothing of the network can leave there is no candidate, and the record says why. Raises InputError where
        the declared layers are not there, and where the pruned network fails.
        """
        if not self.config.ratios:
            return {}, []
        try:
            whole = left_whole(network, self.inputs)
        except NotFollowedError as error:
            cost, why = Cost.of(network, self.inputs), _cannot_follow(network, error)
            stops = [stop for path in self.config.paths for stop in path if stop.candidate]
            return {}, [
                PruningTrial(name=stop.name, of=OF, ratio=stop.ratio, before=cost, after=cost, not_made=why)
                for stop in stops
            ]
        tried = [trial for path in self.config.paths for trial in self._along(path, network, whole)]
        return {trial.name: made for trial, made in tried if made}, [trial for trial, _ in tried]

    def _along(
        self, path: list[Stop], network: TableNetwork, whole: dict[str, str]
    ) -> Iterator[tuple[PruningTrial, TableNetwork | None]]:
        """The trials on one path, each with its candidate if there is one."""
        bound = [b for b in Channels(network, self.inputs).bound if not set(b.layers) & set(whole)]
        first_widths, before = {b.name: b.width for b in bound}, Cost.of(network, self.inputs)
        smallest = before
        for stop in path:
            network = narrowed(network, self.inputs, self.config, stop.ratio, first_widths=first_widths, loss=self.loss)
            after, history = Cost.of(network, self.inputs), []
            smaller = after.parameters < smallest.parameters
            if smaller:
                fitted = self.fine_tune(network, stop.name, self._epochs(stop))
                network, history = fitted.network, fitted.history
            if stop.candidate:
                trial = PruningTrial(
                    name=stop.name,
                    of=OF,
                    ratio=stop.ratio,
                    before=before,
                    after=after,
                    left_whole={layer_and_class(network, name): why for name, why in whole.items()},
                    history=history,
                    not_made=None if smaller else _nothing_left(network, stop.ratio, self.config.round_to, whole),
                )
                yield trial, network if smaller else None
                smallest = after

    def _epochs(self, stop: Stop) -> int:
        return self.config.max_epochs if stop.candidate else self.config.step_epochs


def _nothing_left(network: TableNetwork, ratio: float, round_to: int, whole: dict[str, str]) -> str:
    """Why no channel of a network left, in one sentence: that of the largest layer which hinders it."""
    name, hindering = type(network.body).__name__, [n for n, why in whole.items() if why not in (ANSWERS, EMBEDDING)]
    hindering.sort(key=lambda n: -sum(p.numel() for p in network.body.get_submodule(n).parameters()))
    told = "set other ratios"
    if hindering:
        told = f"{layer_and_class(network, hindering[0])}: {whole[hindering[0]]}"
        told += f", and {len(hindering) - 1} more" if len(hindering) > 1 else ""
    advice = "; prune it by members (compress.prune.members)" if hasattr(network.body, HOOK) else ""
    return f"nothing in {name} was pruned at ratio {ratio:g} with round_to {round_to}: {told}{advice}"


def _cannot_follow(network: TableNetwork, error: NotFollowedError) -> str:
    raw = [layer_and_class(network, n) for n, layer in network.body.named_modules() if holds_raw_weights(layer)]
    which = f", which holds {', '.join(raw)}" if raw else ""
    return f"torch-pruning cannot follow {type(network.body).__name__}{which}: {error}"
