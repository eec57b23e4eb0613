"""The Python file that rebuilds a network: the file that built it, and what was chosen."""

import inspect
import json
import pprint
from typing import Final

from deltanas.networks.building import plain_module
from deltanas.spaces import Architecture
from deltanas.training import Data

CHOSEN: Final = '''

# What was chosen, and what the network was trained on.

CHOICES = {choices}
SHAPE = {shape}
"""Of one input, without the batch."""
CLASSES = {classes}
"""Name of each score, in order."""
'''

SCALED: Final = '''MEAN = {mean}
SPREAD = {spread}
"""Of each channel or column of the training data; `prepare` uses them."""


def prepare(inputs: Tensor) -> Tensor:
    """Bring inputs, as they were in the data, to what the network was trained on."""
    shape = (1, -1, *[1] * (inputs.ndim - 2))
    mean, spread = (torch.tensor(each).reshape(shape) for each in (MEAN, SPREAD))
    return (inputs.float() - mean) / spread
'''

TEXT: Final = '''

def prepare(text: str) -> Tensor:
    """The last characters of a text as numbers, one example; unknown ones are the last class."""
    numbers = [CLASSES.index(each) if each in CLASSES else len(CLASSES) - 1 for each in text]
    return torch.tensor([numbers[-SHAPE[0] :]], dtype=torch.float32)
'''

LOADED: Final = '''

def load(folder: str | Path = Path(__file__).parent) -> nn.Module:
    """The trained network, ready to answer: `load()(prepare({inputs})).argmax(1)`."""
    network = build(CHOICES, SHAPE, len(CLASSES))
    network.load_state_dict(load_file(Path(folder) / "weights.safetensors"))
    return network.eval()
'''


OWN: Final = '''"""The network that a builder in project.py makes, with what that file imports."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

import project


def build(choices: Mapping[str, object], shape: Sequence[int], classes: int) -> nn.Module:
    """The network, with random weights; the builder knows shape and classes itself."""
    del shape, classes
    return project.{name}({given})
'''


def source(architecture: Architecture, data: Data, build: str = "", given: str = "choices") -> str:
    """Text of a Python file with `build`, `prepare` and `load` that needs torch and safetensors.

    Args:
        architecture: Of a space that has networks.
        data: What the network was trained on.
        build: Builder of the user's, whose file lies beside as `project.py`.
        given: What that is given, as Python; `choices` holds the names of what was chosen.
    """
    if build:
        text = OWN.format(name=build.rpartition(":")[2], given=given)
    else:
        text = inspect.getsource(plain_module(architecture.space))
    head, found, rest = text.partition("\nimport torch\n")
    extra = "from pathlib import Path\n\nimport torch\nfrom safetensors.torch import load_file\n"
    if not found:  # a file that starts otherwise still works, its imports just stand in two places
        head, rest = "", f"\n{text}"
    is_text = data.kind == "text"
    tail = CHOSEN + (TEXT if is_text else SCALED) + LOADED
    tail = tail.format(
        choices=pprint.pformat(json.loads(architecture.to_json())["decisions"], sort_dicts=False),
        shape=repr(data.shape),
        classes=pprint.pformat(data.classes),
        mean=pprint.pformat(data.mean),
        spread=pprint.pformat(data.spread),
        inputs="text" if is_text else "inputs",
    )
    head = head.replace("needs torch and nothing else", "needs torch and safetensors")
    return f"{head.rstrip()}\n{extra}{rest.rstrip()}\n{tail}"
