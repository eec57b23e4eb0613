"""The training loop: one network, one recipe, on one device, one thread."""

import math
import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from deltanas.errors import TrainingError, TrainingTimeError
from deltanas.evaluation import Context
from deltanas.networks.seeded import seeded as drawn_from
from deltanas.seeds import generator
from deltanas.training.checkpoint import Checkpoint
from deltanas.training.data import Data, Part
from deltanas.training.memory import halving
from deltanas.training.recipe import Recipe

WARM_UP = 0.1
"""Share of the steps in which the learning rate rises."""
EVALUATED = 500
"""Most examples at a time where nothing is learned."""
WORKSPACE = "CUBLAS_WORKSPACE_CONFIG"
"""What cuBLAS wants to be told before it gives the same sums every time."""


@final
class Loop:
    """Trains a network epoch by epoch, and goes on from a checkpoint if there is one.

    Everything random belongs to the seed and the epoch, so a training that was interrupted
    between two epochs ends with the very weights of one that was not.
    """

    def __init__(
        self, network: nn.Module, data: Data, recipe: Recipe, context: Context, task: str
    ) -> None:
        """Bring the parts together.

        Args:
            network: With random weights, on the context's device.
            data: What to learn from and to be judged by.
            recipe: How.
            context: Folder of the checkpoints, device, seed, and where to report.
            task: Names all of that, so that no other checkpoint is taken for one's own.
        """
        self._network, self._data, self._recipe = network, data, recipe
        self._context, self._task = context, task
        self._kind = context.device.partition(":")[0]
        self._mixed = _mixed_type(self._kind) if recipe.mixed_precision else None
        self._optimizer = torch.optim.AdamW(
            network.parameters(),
            lr=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            fused=True,
        )
        # float16 underflows without it; bfloat16 has the range of float32.
        self._scaler = torch.amp.GradScaler(self._kind, enabled=self._mixed is torch.float16)
        self._train = self._moved(data.train)
        self.examples_at_once = recipe.batch_size
        """Examples that memory holds in one pass; a batch that is larger is split."""
        self.had_ended = False
        """Whether `run` found this training done, in the folder of its context."""
        self._judged_at_once = EVALUATED
        self._steps = math.ceil(len(data.train) / recipe.batch_size)
        self._accuracies: list[float] = []
        self._best: dict[str, Tensor] = {}
        self._seconds = 0.0

    def run(self) -> list[float]:
        """Train to the end; the validation accuracy after each epoch.

        The network has the weights of the last epoch afterwards; where the recipe stopped
        early, those of the best one.

        Raises:
            TrainingError: The loss is no number, or a checkpoint cannot be written.
            TrainingTimeError: It took longer than the recipe allows.
        """
        is_done = self.had_ended = self._take_up()
        last = len(self._accuracies)
        if last and not is_done and last not in self._context.reported:
            # The process died after the checkpoint and before its report.
            self._context.report(last, self._accuracies[-1])
        if is_done:
            return self._accuracies
        while len(self._accuracies) < self._recipe.epochs and not self._is_stuck():
            epoch = len(self._accuracies) + 1
            start = time.perf_counter()
            with seeded(self._context.seed, epoch):
                loss = self._learn(epoch, start)
            self._accuracies.append(self.accuracy(self._data.validation))
            self._seconds += time.perf_counter() - start
            self._keep_best()
            self._checkpoint().save(self._context.folder)
            rate = self._optimizer.param_groups[0]["lr"]
            self._context.report(epoch, self._accuracies[-1], loss=loss, learning_rate=rate)
        if self._best and len(self._accuracies) < self._recipe.epochs:
            self._network.load_state_dict(self._best)
            self._accuracies = self._accuracies[: int(np.argmax(self._accuracies)) + 1]
        self._checkpoint(is_done=True).save(self._context.folder)
        return self._accuracies

    @torch.no_grad()
    def accuracy(self, part: Part) -> float:
        """Share of labels that the network gives right: of examples, or of places in a text."""
        self._network.eval()
        inputs, labels = self._moved(part)

        def count(at_once: int) -> int:
            right = 0
            for rows in torch.split(torch.arange(len(part), device=inputs.device), at_once):
                with self._precision():
                    scores = self._network(inputs[rows])
                right += int((scores.argmax(1) == labels[rows]).sum())
            return right

        right, self._judged_at_once = halving(count, self._judged_at_once)
        return right / labels.numel()

    def _learn(self, epoch: int, start: float) -> float:
        """One epoch; the mean loss of an example."""
        self._network.train()
        rng = generator(self._context.seed, "order", epoch)
        order = torch.from_numpy(rng.permutation(len(self._data.train)))
        total = 0.0
        for step, rows in enumerate(torch.split(order, self._recipe.batch_size)):
            self._check_time(self._seconds + time.perf_counter() - start)
            self._set_rate((epoch - 1) * self._steps + step)
            if step and len(rows) == 1:  # batch normalisation of one example is none
                continue
            loss = self._gradients(rows.to(self._context.device))
            if not math.isfinite(loss):
                raise TrainingError(
                    f"the loss became {loss} in epoch {epoch}; a smaller learning rate than "
                    f"{self._recipe.learning_rate:g} may help"
                )
            total += loss * len(rows)
            self._step()
        return total / len(order)

    def _gradients(self, rows: Tensor) -> float:
        """Gradients of the mean loss over a batch, which is halved until memory holds it.

        Gradients of the pieces add up to those of the batch, so the step stays the same, but
        for layers that look at a batch as a whole, such as batch normalisation.
        """

        def gradients(at_once: int) -> float:
            self._optimizer.zero_grad()
            pieces = torch.split(rows, at_once)
            return sum(self._backward(each, len(each) / len(rows)) for each in pieces)

        loss, self.examples_at_once = halving(gradients, self.examples_at_once)
        return loss

    def _backward(self, rows: Tensor, share: float) -> float:
        """Add the gradients of a piece of a batch; its share of the loss."""
        inputs, labels = self._train
        with self._precision():
            scores = self._network(inputs[rows])
            loss = functional.cross_entropy(scores, labels[rows]) * share
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        return loss.item()

    def _step(self) -> None:
        self._scaler.unscale_(self._optimizer)
        nn.utils.clip_grad_norm_(self._network.parameters(), self._recipe.clip)
        self._scaler.step(self._optimizer)
        self._scaler.update()

    def _precision(self) -> AbstractContextManager[object]:
        """Mixed precision inside a block, where there is one."""
        return torch.autocast(self._kind, dtype=self._mixed, enabled=self._mixed is not None)

    def _set_rate(self, step: int) -> None:
        """Linear up, then a cosine down to zero."""
        steps = self._steps * self._recipe.epochs
        rising = max(1, round(WARM_UP * steps))
        share = (step + 1) / rising
        if share > 1:
            share = 0.5 * (1 + math.cos(math.pi * (step + 1 - rising) / (steps - rising + 1)))
        for group in self._optimizer.param_groups:
            group["lr"] = self._recipe.learning_rate * share

    def _check_time(self, seconds: float) -> None:
        limit = self._recipe.time_limit_s
        if limit is not None and seconds > limit:
            raise TrainingTimeError(
                f"the training took longer than its limit of {limit:g} s, it was in epoch "
                f"{len(self._accuracies) + 1} of {self._recipe.epochs}; allow more time, or fewer "
                f"epochs"
            )

    def _is_stuck(self) -> bool:
        """Whether the accuracy has not risen for as long as the recipe is patient."""
        patience = self._recipe.patience
        if patience is None or len(self._accuracies) <= patience:
            return False
        return len(self._accuracies) - 1 - int(np.argmax(self._accuracies)) >= patience

    def _keep_best(self) -> None:
        if self._recipe.patience is not None and self._accuracies[-1] > max(
            self._accuracies[:-1], default=-1.0
        ):
            weights = self._network.state_dict()
            self._best = {name: value.clone() for name, value in weights.items()}

    def _checkpoint(self, *, is_done: bool = False) -> Checkpoint:
        return Checkpoint(
            self._task,
            is_done,
            self._seconds,
            self._accuracies,
            self._network.state_dict(),
            {} if is_done else self._best,
            {} if is_done else self._optimizer.state_dict(),
            {} if is_done else self._scaler.state_dict(),
        )

    def _take_up(self) -> bool:
        """Go on from the checkpoint of this very task, if there is one; whether it is done."""
        found = Checkpoint.of_task(self._context.folder, self._task, self._context.device)
        if found is None:
            return False
        try:
            self._network.load_state_dict(found.network)
        except RuntimeError as error:
            raise TrainingError(
                f"the weights in {self._context.folder} are not of the network that is built now "
                f"({' '.join(str(error).split())[:160]}); give back the code that built it, or "
                f"delete that folder to train anew"
            ) from None
        self._accuracies, self._seconds = list(found.accuracies), found.seconds
        self._best = found.best
        if found.is_done:
            return True
        self._optimizer.load_state_dict(found.optimizer)
        if found.scaler:  # empty where an epoch before was trained on another device
            self._scaler.load_state_dict(found.scaler)
        return False

    def _moved(self, part: Part) -> tuple[Tensor, Tensor]:
        device = self._context.device
        return (
            torch.from_numpy(part.inputs).to(device),
            torch.from_numpy(part.labels).to(device),
        )


@contextmanager
def seeded(seed: int, number: int) -> Iterator[None]:
    """Torch's own random numbers belong to the seed inside a block; outside they are untouched."""
    with drawn_from(int(generator(seed, "torch", number).integers(2**31))):
        yield


@contextmanager
def pinned(*, deterministic: bool) -> Iterator[None]:
    """One thread inside a block, and sums that are the same every time if asked for."""
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    if deterministic:
        os.environ.setdefault(WORKSPACE, ":4096:8")
    torch.use_deterministic_algorithms(deterministic or strict)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(strict)


def _mixed_type(kind: str) -> torch.dtype | None:
    """The shorter type of numbers that a device computes with; None for none."""
    if kind != "cuda":
        return None
    # Older GPUs only act as if they had bfloat16, slower than float32.
    has_bfloat16 = torch.cuda.is_bf16_supported(including_emulation=False)
    return torch.bfloat16 if has_bfloat16 else torch.float16
