"""The built-in training function: an architecture of a space with networks, on real data."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from deltanas.costs import costs
from deltanas.errors import ShapeError, TrainingError
from deltanas.evaluation import Context
from deltanas.networks.building import build
from deltanas.seeds import generator
from deltanas.spaces import Architecture, SearchSpace
from deltanas.training.data import Data
from deltanas.training.loop import Loop, pinned, seeded
from deltanas.training.recipe import Recipe


@final
@dataclass(frozen=True, eq=False, slots=True)
class Trained:
    """A network with the weights that its training ended with."""

    network: nn.Module
    """The network, on the device that it was trained on."""
    accuracy: float
    """Of the validation part, a fraction."""
    test_accuracy: float
    """Of the test part, a fraction."""
    epochs: int
    """Epochs that led to these weights."""


@final
class NetworkTraining:
    """Trains the network of an architecture: what a study takes as its training function.

        train = NetworkTraining(load_data("mnist1d"), Recipe(epochs=15))
        study = Study(cnn_cell(), train, storage="runs/mnist1d.db")

    The accuracy is that on the validation part, after the last epoch (after the best one where
    the recipe stops early). That on the test part is among the metrics; searchers never see it.
    """

    def __init__(self, data: Data, recipe: Recipe | None = None) -> None:
        """Keep data and recipe."""
        self.data = data
        self.recipe = recipe or Recipe()

    def __call__(self, architecture: Architecture, context: Context) -> dict[str, float]:
        """Train, and say what came of it.

        Raises:
            TrainingError: The training failed; the message says why.
        """
        trained = self.train(architecture, context)
        facts = costs(architecture, self.data.shape, len(self.data.classes))
        return {
            "accuracy": trained.accuracy,
            "test_accuracy": trained.test_accuracy,
            "epochs": float(trained.epochs),
            **facts,
        }

    def train(self, architecture: Architecture, context: Context) -> "Trained":
        """Train, or take up what the context's folder holds, and keep the network.

        Raises:
            TrainingError: The training failed; the message says why.
        """
        network = self.network(architecture, context)
        loop = Loop(network, self.data, self.recipe, context, self.task(architecture, context))
        with _memory_errors(), pinned(deterministic=self.recipe.deterministic):
            accuracies = loop.run()
            test = loop.accuracy(self.data.test)
        return Trained(network, accuracies[-1], test, len(accuracies))

    def check(self, space: SearchSpace) -> None:
        """Refuse a space whose networks do not take this data, before anything is trained.

        Raises:
            UnknownNameError: There are no networks for the space.
            ShapeError: Its networks do not take such inputs, or give something else.
        """
        (architecture,) = space.sample(1, generator(0, "check"))
        shape, classes = self.data.shape, len(self.data.classes)
        network = build(architecture, shape, classes, device="meta")
        found = tuple(network(torch.empty(2, *shape, device="meta")).shape)
        if found != (2, classes):
            raise ShapeError(
                f"a network for {classes} classes gives outputs of shape (examples, {classes}), "
                f"that of {architecture!r} gives {found} for 2 examples; correct its builder"
            )

    def network(self, architecture: Architecture, context: Context) -> nn.Module:
        """The network of an architecture with the random weights of the context's seed."""
        with _memory_errors(), seeded(context.seed, 0):
            network = build(architecture, self.data.shape, len(self.data.classes))
            return network.to(context.device)

    def task(self, architecture: Architecture, context: Context) -> str:
        """What is trained, on what and how, as one text that checkpoints carry."""
        return json.dumps(
            {
                "architecture": json.loads(architecture.to_json()),
                "data": [self.data.name, self.data.digest],
                "recipe": self.recipe.changed,
                "seed": context.seed,
            },
            ensure_ascii=False,
        )


@contextmanager
def _memory_errors() -> Iterator[None]:
    """What torch raises where memory is full, as one error of ours; the GPU's is given back."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        text = str(error)
        full = isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in text
        if not full:
            raise
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        raise TrainingError(
            f"the network and its batch do not fit into memory ({text.splitlines()[0][:120]}); "
            f"take a smaller batch size, or limit the parameters"
        ) from None
