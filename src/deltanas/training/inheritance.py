"""Weights that a network takes over from another one, which differs from it by an edit or so.

Weights are known by their names and shapes. Where a layer grew, the new network computes what
the old one did, as far as its parts allow: outputs that were there do not see new inputs, and a
smaller kernel lies in the middle of the larger one, in zeros. So exactly the same function comes
out of wider layers with batch normalisation or none, larger kernels, more heads and new residual
blocks of families that say how these are silenced. Other edits keep what fits.

Source: Net2Net (Chen, Goodfellow & Shlens 2016, ICLR) and Network Morphism (Wei et al. 2016,
ICML) for the idea; Once-for-All (Cai et al. 2020, ICLR) for kernels in kernels. New widths are
ours: Net2Net copies old channels, here new ones are random and nobody listens to them yet.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import Tensor, nn

from deltanas.networks import Family

LEAST: Final = 0.5
"""Share of a network's weights that must come from the other one; it is left alone otherwise."""
_NUMBERED: Final = re.compile(r"((?:[^.\d][^.]*\.)*)(\d+)(\..+)")
"""Stack, number of the block in it, and name within the block."""

Weights = Mapping[str, Tensor]
Block = tuple[tuple[str, torch.Size], ...]
"""Names and shapes of what a block of a stack holds."""


@torch.no_grad()
def inherit(
    network: nn.Module, weights: Mapping[str, object], family: Family | None = None
) -> float:
    """Let a network take over the weights of another one, as far as they fit.

    Args:
        network: With random weights; what does not come from the other one keeps them.
        weights: State of the other network, `other.state_dict()`.
        family: Where both come from, if they are not networks of the user's own.

    Returns:
        Share of the network's parameters that the other one decides. 0 if that is less than half:
        the network then stays as it was.
    """
    own, weights = _tensors(network.state_dict()), _tensors(weights)
    sizes = {name: each.numel() for name, each in network.named_parameters()}
    origins, added = _origins(own, weights)
    silent, tripled = (family.silent, family.tripled) if family else ((), ())
    taken: dict[str, Tensor] = {}
    decided = 0
    for name, origin in origins.items():
        if origin in weights:
            maps = 3 if name.endswith(tripled) else 1
            taken[name], fresh = _grown(weights[origin], own[name], maps)
            decided += max(0, sizes.get(name, 0) - fresh)
    for name in _silenced(network, added) if silent else ():
        if name.endswith(silent):
            taken[name] = torch.zeros_like(own[name])
        decided += sizes[name]
    share = decided / max(1, sum(sizes.values()))
    if share < LEAST:
        return 0.0
    network.load_state_dict(taken, strict=False)
    return share


def _tensors(state: Mapping[str, object]) -> Weights:
    """Without what modules and users store besides weights."""
    return {name: each for name, each in state.items() if isinstance(each, Tensor)}


def _origins(own: Weights, weights: Weights) -> tuple[dict[str, str], list[str]]:
    """Where each weight comes from, if it is there; and the blocks that were added to stacks."""
    older, newer = _stacks(weights), _stacks(own)
    moved, added = dict[str, str](), list[str]()
    for stack, blocks in newer.items():
        before = older.get(stack, {})
        if list(before) == list(blocks):
            continue
        pairs = _paired(before, blocks)
        moved |= {stack + number: stack + pairs.get(number, "new") for number in blocks}
        if before and len(pairs) == len(before):
            added += [stack + number for number in blocks if number not in pairs]
    origins = {}
    for name in own:
        found = _NUMBERED.fullmatch(name)
        block = found[1] + found[2] if found else ""
        origins[name] = moved.get(block, block) + name.removeprefix(block)
    return origins, added


def _stacks(weights: Weights) -> dict[str, dict[str, Block]]:
    """The blocks of each stack, by number and in order: what Sequential and ModuleList number."""
    stacks: dict[str, dict[str, Block]] = {}
    for name, value in weights.items():
        if found := _NUMBERED.fullmatch(name):
            blocks = stacks.setdefault(found[1], {})
            blocks[found[2]] = (*blocks.get(found[2], ()), (found[3], value.shape))
    return stacks


def _paired(before: Mapping[str, Block], after: Mapping[str, Block]) -> dict[str, str]:
    """Number of the old block for each new one that is like it, in order and as early as can be."""
    is_longer = len(after) >= len(before)
    short, long = (before, after) if is_longer else (after, before)
    numbers, blocks = list(long), list(long.values())
    pairs, start = {}, 0
    for number, block in short.items():
        if block in blocks[start:]:
            place = blocks.index(block, start)
            old, new = (number, numbers[place]) if is_longer else (numbers[place], number)
            pairs[new], start = old, place + 1
    return pairs


def _grown(old: Tensor, new: Tensor, maps: int) -> tuple[Tensor, int]:
    """Old weights in the shape of new ones, and how many are new.

    Args:
        old: Outputs first, then inputs, then the places of a kernel.
        new: Random ones.
        maps: Weights of so many maps stand one after the other.
    """
    if old.shape == new.shape:
        return old, 0
    # A convolution of each channel by itself is no slice of one that looks at all channels.
    is_single = [each.dim() > 2 and each.shape[1] == 1 for each in (old, new)]  # noqa: PLR2004
    if old.dim() != new.dim() or not new.dim() or is_single[0] != is_single[1]:
        return new, new.numel()
    if maps > 1:
        pairs = zip(old.chunk(maps), new.chunk(maps), strict=True)
        made = [_grown(*each, 1) for each in pairs]
        return torch.cat([each for each, _ in made]), sum(fresh for _, fresh in made)
    rows = min(len(old), len(new))
    grown = new.clone()
    grown[:rows] = 0
    there, here = [slice(rows)], [slice(rows)]
    for axis, (before, after) in enumerate(zip(old.shape[1:], new.shape[1:], strict=True), 1):
        both, is_kernel = min(before, after), axis > 1
        for size, places in ((before, there), (after, here)):
            first = (size - both) // 2 if is_kernel else 0
            places.append(slice(first, first + both))
    grown[tuple(here)] = old[tuple(there)]
    return grown, grown[rows:].numel()


def _silenced(network: nn.Module, added: Sequence[str]) -> list[str]:
    """Names of the parameters of new blocks with a shortcut around them."""
    blocks = {name: network.get_submodule(name) for name in added}
    return [
        f"{name}.{each}"
        for name, block in blocks.items()
        if getattr(block, "residual", True)
        for each, _ in block.named_parameters()
    ]
