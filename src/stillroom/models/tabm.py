"""TabM: an MLP that is k MLPs at once (Gorishniy et al., ICLR 2025), over piecewise-linear embeddings."""

from typing import Any

import tabm
import torch
from rtdl_num_embeddings import PiecewiseLinearEmbeddings
from torch import Tensor, nn

from stillroom.models.features import Features
from stillroom.models.layers import Embed


class TabM(nn.Module):
    """A parameter-efficient ensemble of k MLPs.

    Args:
        features: the inputs.
        outputs: numbers answered per row.
        k: members of the ensemble.
        blocks, width: hidden layers and their units.
        numeric_embedding, embedding: dimensions of the numeric and the categorical embeddings.
        dropout: share of hidden units dropped while training.
        architecture: `tabm`, `tabm-mini` or `tabm-packed`, as in the `tabm` package.

    **Shape**: numeric [N, F], categorical int64 [N, C] -> [N, k, outputs].

    The package's own `TabM` class is not used: its one-hot of categories does not export to ONNX.
    """

    def __init__(
        self,
        features: Features,
        outputs: int,
        *,
        k: int = 32,
        blocks: int = 2,
        width: int = 256,
        numeric_embedding: int = 8,
        embedding: int = 8,
        dropout: float = 0.1,
        architecture: str = "tabm-mini",
    ):
        super().__init__()
        self.declared: dict[str, Any] = {
            "features": features,
            "outputs": outputs,
            "blocks": blocks,
            "width": width,
            "numeric_embedding": numeric_embedding,
            "embedding": embedding,
            "dropout": dropout,
            "architecture": architecture,
        }
        edges = [torch.tensor(b) for b in features.bins]
        self.binned = len(edges)
        self.numbers = (
            PiecewiseLinearEmbeddings(edges, numeric_embedding, activation=False, version="B") if edges else None
        )
        self.embed = Embed(features.cardinalities, embedding) if features.cardinalities else None
        chunks = [numeric_embedding] * self.binned + [1] * (features.numeric - self.binned)
        chunks += [embedding] * len(features.cardinalities)
        self.view = tabm.EnsembleView(k=k)
        self.backbone = tabm.make_tabm_backbone(
            d_in=sum(chunks),
            n_blocks=blocks,
            d_block=width,
            dropout=dropout,
            k=k,
            arch_type=architecture,
            start_scaling_init=None if architecture == "tabm-packed" else "normal",
            start_scaling_init_chunks=None if architecture == "tabm-packed" else chunks,
        )
        self.head = tabm.LinearEnsemble(width, outputs, k=k)

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        """Answer one batch, each member by itself."""
        parts = [numeric[:, self.binned :]]
        if self.numbers is not None:
            parts.insert(0, self.numbers(numeric[:, : self.binned]).flatten(1))
        if self.embed is not None:
            parts.append(self.embed(categorical))
        return self.head(self.backbone(self.view(torch.cat(parts, dim=1))))

    def select_members(self, members: list[int]) -> "TabM":
        """The same network with these members alone.

        What belongs to the members one by one, and only that, has another shape in a TabM of fewer members: it has an
        axis of them, which comes first.
        """
        smaller = TabM(**self.declared, k=len(members))
        state = self.state_dict()
        for name, value in smaller.state_dict().items():
            if state[name].shape != value.shape:
                state[name] = state[name][members]
        smaller.load_state_dict(state)
        return smaller
