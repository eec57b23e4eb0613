"""The built-in training function: an architecture of a space with networks, on real data."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import final

import torch
from torch import nn

from deltanas.costs import costs_of
from deltanas.errors import ShapeError
from deltanas.evaluation import Context
from deltanas.networks import FAMILIES
from deltanas.networks.building import build, built_by, last_line
from deltanas.seeds import generator
from deltanas.spaces import Architecture, SearchSpace
from deltanas.training.checkpoint import Checkpoint
from deltanas.training.data import Data
from deltanas.training.inheritance import inherit
from deltanas.training.loop import Loop, pinned, seeded
from deltanas.training.memory import free_memory, is_memory_error, memory_errors
from deltanas.training.recipe import Recipe, usual_recipe


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
    examples_at_once: int
    """The recipe's batch size, or less where memory did not hold a batch and it was split."""
    is_heir: bool = False
    """Whether it began with the weights of another network."""
    had_ended: bool = False
    """Whether it lay in the context's folder, and nothing was trained."""


@final
class NetworkTraining:
    """Trains the network of an architecture: what a study takes as its training function.

        train = NetworkTraining(load_data("mnist1d"), Recipe(epochs=15))
        study = Study(cnn_cell(), train, storage="runs/mnist1d.db")

    The accuracy is that on the validation part, after the last epoch (after the best one where
    the recipe stops early). That on the test part is among the metrics; searchers never see it.
    """

    def __init__(
        self,
        data: Data,
        recipe: Recipe | None = None,
        builder: Callable[[Architecture], object] | None = None,
    ) -> None:
        """Keep data and recipe.

        Args:
            data: What to train on.
            recipe: How; what is usual for such data if left out.
            builder: Makes the network of an architecture, for spaces of one's own: it takes
                batches of the data's shape and gives one score per class.
        """
        self.data = data
        self.recipe = recipe or usual_recipe(data.kind)
        self.builder = builder

    def __call__(self, architecture: Architecture, context: Context) -> dict[str, float]:
        """Train, and say what came of it.

        Raises:
            TrainingError: The training failed; the message says why.
        """
        trained = self.train(architecture, context)
        facts = costs_of(trained.network, self.data.shape)
        found = {
            "accuracy": trained.accuracy,
            "test_accuracy": trained.test_accuracy,
            "epochs": float(trained.epochs),
        }
        if trained.examples_at_once < self.recipe.batch_size:
            found["examples_at_once"] = float(trained.examples_at_once)
        return found | facts

    def train(self, architecture: Architecture, context: Context) -> "Trained":
        """Train, or take up what the context's folder holds, and keep the network.

        Raises:
            TrainingError: The training failed; the message says why.
        """
        free_memory()  # what an earlier training left on a GPU, for whoever shares it
        network = self.network(architecture, context)
        with memory_errors(), pinned(deterministic=self.recipe.deterministic):
            is_heir = self._inherits(network, architecture, context)
            recipe = self.recipe.of_heir if is_heir else self.recipe
            task = self.task(architecture, context, is_heir=is_heir)
            loop = Loop(network, self.data, recipe, context, task)
            accuracies = loop.run()
            test = loop.accuracy(self.data.test)
        pieces, epochs = loop.examples_at_once, len(accuracies)
        return Trained(network, accuracies[-1], test, epochs, pieces, is_heir, loop.had_ended)

    def validated(self, trained: Trained, context: Context) -> float:
        """Accuracy of a trained network on the validation part, as it is now."""
        with memory_errors(), pinned(deterministic=self.recipe.deterministic):
            loop = Loop(trained.network, self.data, self.recipe, context, "")
            return loop.accuracy(self.data.validation)

    def _inherits(self, network: nn.Module, architecture: Architecture, context: Context) -> bool:
        """Let the network begin with the donor's weights; whether it does, or did before."""
        if context.donor is None:
            return False
        task = self.task(architecture, context, is_heir=True)
        if Checkpoint.of_task(context.folder, task, context.device):
            return True
        found = Checkpoint.load(context.donor, context.device)
        if found is None or not found.is_done:
            return False
        family = None if self.builder else FAMILIES.get(architecture.space)
        return inherit(network, found.network, family) > 0

    def check(self, space: SearchSpace) -> None:
        """Refuse a space whose networks do not take this data, before anything is trained.

        What a builder of the user's makes is looked at in each trial instead: it may take some
        architectures and not others.

        Raises:
            UnknownNameError: There are no networks for the space.
            ShapeError: Its networks do not take such data, or give something else.
        """
        (architecture,) = space.sample(1, generator(0, "check"))
        if self.builder is None:
            _check_kind(space.name, self.data)
            shape, classes = self.data.shape, len(self.data.classes)
            _check_answer(build(architecture, shape, classes, device="meta"), self.data)

    def network(self, architecture: Architecture, context: Context) -> nn.Module:
        """The network of an architecture with the random weights of the context's seed."""
        with memory_errors(), seeded(context.seed, 0):
            if self.builder is None:
                network = build(architecture, self.data.shape, len(self.data.classes))
            else:
                network = built_by(self.builder, architecture)
                _check_answer(network, self.data)
            return network.to(context.device)

    def task(self, architecture: Architecture, context: Context, *, is_heir: bool = False) -> str:
        """What is trained, on what and how, as one text that checkpoints carry."""
        facts = {
            "architecture": json.loads(architecture.to_json()),
            "data": [self.data.name, self.data.digest],
            "recipe": self.recipe.changed,
            "seed": context.seed,
        }
        if is_heir and context.donor is not None:
            facts["donor"] = context.donor.name
        return json.dumps(facts, ensure_ascii=False)


def _check_kind(space: str, data: Data) -> None:
    """Refuse a space whose networks are for another kind of data.

    Raises:
        ShapeError: They are.
    """
    family = FAMILIES.get(space)
    if family is not None and data.kind not in family.kinds:
        raise ShapeError(
            f"networks of space {space!r} take {' or '.join(family.kinds)}, data {data.name} is "
            f"{data.kind} of shape {data.shape}; give other data, or one of the spaces "
            f"{', '.join(name for name, each in FAMILIES.items() if data.kind in each.kinds)}"
        )


def _check_answer(network: nn.Module, data: Data) -> None:
    """Refuse a network that does not give one score per class for two examples of the data.

    Raises:
        ShapeError: It does not take them, or gives something else.
    """
    device = next((each.device for each in network.parameters()), torch.device("cpu"))
    classes, was_training = len(data.classes), network.training
    network.eval()
    try:
        with torch.no_grad():
            answer = network(torch.zeros(2, *data.shape, device=device))
    except Exception as error:
        if is_memory_error(error):
            raise
        first = (str(error).splitlines() or ["without a word"])[0][:160]
        raise ShapeError(
            f"a network for data {data.name} takes inputs of shape (examples, "
            f"{', '.join(map(str, data.shape))}), this one raised {type(error).__name__}: {first} "
            f"({last_line(error)}); correct its builder"
        ) from None
    network.train(was_training)
    found = tuple(answer.shape) if isinstance(answer, torch.Tensor) else type(answer).__name__
    places = data.train.labels.shape[1:]
    if found != (2, classes, *places):
        wanted = ", ".join(map(str, (classes, *places)))
        raise ShapeError(
            f"a network for {classes} classes gives outputs of shape (examples, {wanted}), this "
            f"one gives {found} for 2 examples; correct its builder"
        )
