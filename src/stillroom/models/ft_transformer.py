"""FT-Transformer (Gorishniy et al., NeurIPS 2021): attention over one token a column."""

from rtdl_revisiting_models import FTTransformer as Backbone
from torch import Tensor, nn

from stillroom.models.features import Features


class FtTransformer(nn.Module):
    """The `rtdl_revisiting_models` FT-Transformer behind Stillroom's signature.

    Args:
        features: the inputs.
        outputs: numbers answered per row.
        blocks, width, heads: transformer blocks, token size, attention heads.
        dropout: in attention and feed-forward layers while training.

    **Shape**: numeric [N, F], categorical int64 [N, C] -> [N, outputs].
    """

    def __init__(
        self,
        features: Features,
        outputs: int,
        *,
        blocks: int = 2,
        width: int = 64,
        heads: int = 4,
        dropout: float = 0.1,
    ):
        super().__init__()
        self.backbone = Backbone(
            n_cont_features=features.numeric,
            cat_cardinalities=features.cardinalities,
            d_out=outputs,
            n_blocks=blocks,
            d_block=width,
            attention_n_heads=heads,
            attention_dropout=dropout,
            ffn_d_hidden_multiplier=4 / 3,
            ffn_dropout=dropout,
            residual_dropout=0.0,
        )

    def forward(self, numeric: Tensor, categorical: Tensor) -> Tensor:
        """Answer one batch."""
        return self.backbone(numeric if numeric.shape[1] else None, categorical if categorical.shape[1] else None)
