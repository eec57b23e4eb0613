"""From an architecture to its torch network: which file builds the networks of which space."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

import torch
from torch import nn

from deltanas.errors import DeltaNasError, ShapeError, TrainingError, UnknownNameError
from deltanas.networks.families import FAMILIES
from deltanas.spaces import Architecture

FORMS = ("(columns or tokens,)", "(channels, length)", "(channels, height, width)")
"""Shapes of inputs, by their dimensions less one."""
TORCH: Final = Path(torch.__file__).parent
"""Where torch's own code lies."""


def plain_module(space: str) -> ModuleType:
    """The file of plain torch that builds the networks of a space.

    Raises:
        UnknownNameError: No file builds networks of that space.
    """
    if space not in FAMILIES:
        raise UnknownNameError(
            f"there are no networks for space {space!r}, only for {', '.join(FAMILIES)}; train its "
            f"architectures with a function of your own"
        )
    return import_module(FAMILIES[space].file)


def build(
    architecture: Architecture,
    shape: Sequence[int],
    classes: int,
    *,
    device: str = "cpu",
    skeleton: Mapping[str, int] | None = None,
) -> nn.Module:
    """The torch network of an architecture, with random weights from torch's generator.

    Args:
        architecture: Of a space that has networks.
        shape: Of one input: columns of a table or tokens of a text; channels and length; or
            channels, height and width.
        classes: Number of classes, at least 1; of a text, the different tokens.
        device: Where its weights are; on `meta` it takes milliseconds and no memory.
        skeleton: What the space does not search, as its file names it: `channels` of
            `nasbench101` (the benchmark has 128) and of `darts`, and its `layers`.

    Raises:
        UnknownNameError: No file builds networks of that space.
        ShapeError: The networks of the space do not take such inputs.
    """
    module = plain_module(architecture.space)
    _check_shape(architecture.space, tuple(shape), classes)
    with torch.device(device):
        network: nn.Module = module.build(
            dict(architecture), tuple(shape), classes, **(skeleton or {})
        )
    return network


def built_by(builder: Callable[[Architecture], object], architecture: Architecture) -> nn.Module:
    """The network that a builder of the user's makes.

    Raises:
        TrainingError: It raises, or returns no network.
    """
    try:
        network = builder(architecture)
    except DeltaNasError:
        raise
    except Exception as error:
        raise TrainingError(
            f"the builder raised {type(error).__name__}: {error} ({last_line(error)}) for "
            f"{architecture!r}; correct it, or leave such architectures out of the space"
        ) from error
    if not isinstance(network, nn.Module):
        raise TrainingError(
            f"expected the builder to return a torch.nn.Module, got {str(network)[:80]!r} "
            f"({type(network).__name__}) for {architecture!r}; does it end in `return`?"
        )
    return network


def last_line(error: BaseException) -> str:
    """The last line that led to an error and is not torch's: what its author can correct."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if not Path(each.filename).is_relative_to(TORCH)]
    last = (own or frames)[-1]
    return f"{Path(last.filename).name}, line {last.lineno}: {last.line or '...'}"


def _check_shape(space: str, shape: tuple[int, ...], classes: int) -> None:
    family = FAMILIES[space]
    if len(shape) - 1 not in family.dimensions or min(shape, default=0) < 1 or classes < 1:
        raise ShapeError(
            f"networks of space {space!r} take inputs of shape "
            f"{' or '.join(FORMS[each] for each in family.dimensions)}, got {shape} for {classes} "
            f"classes; give other data or another space"
        )
    least = family.least_pixels
    if len(shape) > 1 and min(shape[1:]) < least:
        raise ShapeError(
            f"networks of space {space!r} halve what they see more than once and need {least} x "
            f"{least} pixels or more, got {' x '.join(map(str, shape[1:]))}; give larger images, "
            f"or another space such as cnn-cell"
        )
