"""A small residual network over pictures, the other columns of the table beside them."""

import torch
from torch import Tensor, nn

from stillroom.models.features import Features
from stillroom.models.layers import Embed


class Block(nn.Module):
    """Two 3 x 3 convolutions around a shortcut (He et al., CVPR 2016), a 1 x 1 convolution where sizes differ."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))
        self.second = nn.Sequential(nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
        same = stride == 1 and inputs == outputs
        self.shortcut = (
            nn.Identity()
            if same
            else nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        )
        self.activation = nn.ReLU()

    def forward(self, pictures: Tensor) -> Tensor:
        """[N, inputs, h, w] -> [N, outputs, h / stride, w / stride]."""
        inner = self.second(self.activation(self.first(pictures)))
        return self.activation(inner + self.shortcut(pictures))


class Cnn(nn.Module):
    """ResNet-style network for tables with pictures.

    Args:
        features: the inputs.
        outputs: numbers answered per row.
        widths: channels of each stage; each but the first halves height and width.
        blocks: residual blocks a stage.
        stem_stride: 2 halves the pictures at once, for larger ones.
        embedding: dimension of the categorical embedding.
        dropout: share of the pooled features dropped while training.

    **Shape**: numeric [N, F], categorical int64 [N, C], image [N, channels, h, w] -> [N, outputs].
    """

    def __init__(
        self,
        features: Features,
        outputs: int,
        *,
        widths: list[int],
        blocks: int = 1,
        stem_stride: int = 1,
        embedding: int = 8,
        dropout: float = 0.0,
    ):
        super().__init__()
        channels = features.image[0] if features.image else 0
        self.stem = nn.Sequential(
            nn.Conv2d(channels, widths[0], 3, stem_stride, 1, bias=False), nn.BatchNorm2d(widths[0]), nn.ReLU()
        )
        stages: list[nn.Module] = []
        before = widths[0]
        for stage, width in enumerate(widths):
            for block in range(blocks):
                stages.append(Block(before, width, stride=2 if stage and not block else 1))
                before = width
        self.stages = nn.Sequential(*stages)
        self.embed = Embed(features.cardinalities, embedding) if features.cardinalities else None
        beside = features.numeric + (self.embed.width if self.embed else 0)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(before + beside, outputs)

    def forward(self, numeric: Tensor, categorical: Tensor, image: Tensor) -> Tensor:
        """Answer one batch."""
        pooled = self.stages(self.stem(image)).mean((2, 3))
        parts = [pooled] if not numeric.shape[1] else [pooled, numeric]
        if self.embed is not None:
            parts.append(self.embed(categorical))
        return self.head(self.dropout(torch.cat(parts, dim=1) if len(parts) > 1 else pooled))
