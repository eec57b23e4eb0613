"""A decoder-only transformer: after each token, a score for every token that may come next.

This file needs torch and nothing else. `build(choices, shape, classes)` makes the network that
the choices describe, with random weights.

    tokens -> embedding + place -> layers: attention, MLP -> normalisation -> scores

Attention looks at the tokens so far only. Each of its heads is 16 numbers wide, whatever the width
of the network. Both halves of a layer normalise first and are added to what comes in
(pre-LN, Xiong et al. 2020).
"""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

HEAD = 16
"""Width of an attention head."""


class Attention(nn.Module):
    """Every token gathers from itself and those before it."""

    past: Tensor

    def __init__(self, width: int, heads: int, length: int, *, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.inner = nn.Linear(width, 3 * heads * HEAD, bias=bias)
        self.outer = nn.Linear(heads * HEAD, width, bias=bias)
        past = torch.ones(length, length, dtype=torch.bool).tril()
        self.register_buffer("past", past, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Shape `(examples, tokens, width)`, as what comes in."""
        examples, tokens, _ = x.shape
        parts = self.inner(x).reshape(examples, tokens, 3, self.heads, HEAD)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        nearness = query @ key.transpose(2, 3) / math.sqrt(HEAD)
        nearness = nearness.masked_fill(~self.past[:tokens, :tokens], -1e4)
        gathered = (nearness.softmax(3) @ value).transpose(1, 2).flatten(2)
        y: Tensor = self.outer(gathered)
        return y


class Layer(nn.Module):
    """Attention and MLP, each with a shortcut around it."""

    def __init__(self, width: int, heads: int, ratio: int, length: int, *, bias: bool) -> None:
        super().__init__()
        self.attention = nn.Sequential(
            nn.LayerNorm(width), Attention(width, heads, length, bias=bias)
        )
        self.mlp = nn.Sequential(
            nn.LayerNorm(width),
            nn.Linear(width, ratio * width, bias=bias),
            nn.GELU(),
            nn.Linear(ratio * width, width, bias=bias),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Shape `(examples, tokens, width)`, as what comes in."""
        x = x + self.attention(x)
        y: Tensor = x + self.mlp(x)
        return y


class Network(nn.Module):
    """Embedding, layers, scores."""

    def __init__(self, choices: Mapping[str, object], shape: Sequence[int], classes: int) -> None:
        super().__init__()
        (length,) = shape
        width, bias = _number(choices["width"]), bool(choices["bias"])
        self.tokens = nn.Embedding(classes, width)
        self.places = nn.Embedding(length, width)
        for each in (self.tokens, self.places):
            nn.init.normal_(each.weight, std=0.1)
        self.layers = nn.Sequential(
            *(
                Layer(
                    width,
                    _number(choices[f"heads {layer}"]),
                    _number(choices[f"mlp {layer}"]),
                    length,
                    bias=bias,
                )
                for layer in range(1, _number(choices["layers"]) + 1)
            )
        )
        self.norm = nn.LayerNorm(width)
        self.classifier = nn.Linear(width, classes, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of shape `(examples, classes, tokens)` for the tokens that come next."""
        numbers = x.long()
        x = self.tokens(numbers) + self.places.weight[: numbers.shape[1]]
        y: Tensor = self.classifier(self.norm(self.layers(x))).transpose(1, 2)
        return y


def build(choices: Mapping[str, object], shape: Sequence[int], classes: int) -> nn.Module:
    """The network that the choices describe.

    Args:
        choices: One of the options for each decision.
        shape: Of one input: `(tokens,)`, the most that are looked back at.
        classes: Number of different tokens.
    """
    return Network(choices, shape, classes)


def _number(value: object) -> int:
    return int(str(value))
