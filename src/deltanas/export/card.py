"""The model card: what the network is, how good, on what, and how to use it."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Final, final

import numpy as np

from deltanas.costs import costs_of
from deltanas.export.finals import Finalist
from deltanas.export.folder import TITLE
from deltanas.export.retraining import Retraining
from deltanas.records import Trial
from deltanas.scale import PER_CENT, Scale
from deltanas.study import StudyRecord
from deltanas.texts import as_code, markdown
from deltanas.training import Data, Recipe
from deltanas.training.description import own_training_name
from deltanas.training.networks import NetworkTraining, Trained

PACKAGES: Final = ("deltanas", "torch", "numpy")
USE: Final = """\
```python
from network import CLASSES, load, prepare

network = load()
scores = network(prepare(inputs))  # inputs: a tensor of shape (examples, {shape})
names = [CLASSES[number] for number in scores.argmax(1)]
```"""
USE_TEXT: Final = """\
```python
from network import CLASSES, load, prepare

network = load()
text = "import "
for _ in range(40):
    scores = network(prepare(text))[0, :, -1]
    text += CLASSES[int(scores.argmax())]
```"""
NOTE: Final = """

The search saw validation accuracies only; the best of many is a little lucky, so trust the test
accuracy more. Both are of one split of one data set: measure on your own data before you rely on
them."""


@final
@dataclass(frozen=True, eq=False, slots=True)
class Facts:
    """Everything that the card of a built-in training says."""

    record: StudyRecord
    """The study."""
    trial: Trial
    """The trial whose architecture it is."""
    data: Data
    """What it was trained on."""
    recipe: Recipe
    """How."""
    trained: Sequence[Trained]
    """The trainings, the exported one first."""
    costs: dict[str, float]
    """What the network costs."""
    finalists: Sequence[Finalist] = ()
    """What was trained again after the search, this network first; none where nothing was."""

    @classmethod
    def of(
        cls,
        training: NetworkTraining,
        record: StudyRecord,
        trial: Trial,
        trained: Sequence[Trained],
        finalists: Sequence[Finalist] = (),
    ) -> "Facts":
        """Gather them."""
        data = training.data
        counted = costs_of(trained[0].network, data.shape)
        return cls(record, trial, data, training.recipe, trained, counted, finalists)


def card(facts: Facts, needs_us: Sequence[str] = ()) -> str:
    """The card, as Markdown.

    Args:
        facts: What it says.
        needs_us: Files in the folder that import deltanas.
    """
    data, first = facts.data, facts.trained[0]
    parts = (("train", data.train), ("validation", data.validation), ("test", data.test))
    shape = ", ".join(map(str, data.shape))
    rows = [
        ("validation accuracy", PER_CENT.shown(first.accuracy)),
        ("test accuracy", PER_CENT.shown(first.test_accuracy)),
        ("in the search", f"{PER_CENT.shown(facts.trial.accuracy or 0.0)} validation"),
        *_retrained(facts.finalists, PER_CENT),
        *_inherited(facts),
        ("parameters", f"{facts.costs['parameters']:,.0f}"),
        ("FLOPs of one example", f"{facts.costs['flops']:,.0f} (a multiply-add counts as two)"),
        ("activations at the peak", f"{facts.costs['activation_bytes']:,.0f} bytes an example"),
        ("data", f"{data.name}, inputs of shape ({shape}), {len(data.classes)} classes"),
        ("examples", ", ".join(f"{len(part)} {name}" for name, part in parts)),
        ("recipe", _recipe(facts.recipe)),
        *_study(facts.record, facts.trial, len(facts.finalists)),
    ]
    architecture = facts.record.space.write(facts.trial.architecture)
    use = USE_TEXT if data.kind == "text" else USE.format(shape=shape)
    if needs_us:
        use += f"\n\nIt needs deltanas: {', '.join(map(as_code, needs_us))} imports it."
    return _page(rows, architecture, use + NOTE)


def own_card(
    record: StudyRecord,
    trial: Trial,
    files: Sequence[str],
    finalists: Sequence[Finalist] = (),
    again: Retraining | None = None,
) -> str:
    """The card of a network that the user's own function trained.

    Args:
        record: The study.
        trial: Whose network it is.
        files: What its training left.
        finalists: What was trained again, this network first.
        again: The training that left the files; None for that of the search.
    """
    scale = scale_of(record, finalists)
    name = f"validation {scale.name}"
    told = scale.shown(trial.accuracy or 0.0)
    metrics = {} if trial.evaluation is None else trial.evaluation.metrics
    rows = [(name, told)]
    if again is not None:
        metrics = again.metrics
        rows = [(name, scale.shown(again.accuracy)), ("in the search", f"{told} validation")]
    rows += [
        *_retrained(finalists, scale),
        *((name, f"{value:g}") for name, value in metrics.items()),
        _answered(record),
        *_study(record, trial, len(finalists)),
    ]
    use = "There is nothing that the training left in `context.folder`, so no weights are here."
    if record.description.is_recorded:
        use = "Its accuracy was recorded by others, so there are no weights here."
    if files:
        use = "What the training left in `context.folder`: " + ", ".join(map(as_code, files))
    return _page(rows, record.space.write(trial.architecture), use)


def scale_of(record: StudyRecord, finalists: Sequence[Finalist]) -> Scale:
    """How accuracies of a study and of what was trained again are shown."""
    again = Scale.of(value for each in finalists for value in each.accuracies)
    return record.scale if again.is_fraction else again


def _answered(record: StudyRecord) -> tuple[str, str]:
    """What told the accuracies: a benchmark, or a function of the user's."""
    stored = record.description.benchmark
    if record.description.is_recorded:
        return "recorded in", stored or "-"
    return "trained by", own_training_name(stored or "") or "a function"


def _page(rows: Sequence[tuple[str, str]], architecture: str, use: str) -> str:
    table = "\n".join(f"| {markdown(name)} | {markdown(value)} |" for name, value in rows)
    return (
        f"{TITLE}\n\n{as_code(architecture)}\n\n| | |\n|---|---|\n{table}\n\n## Use it\n\n{use}\n"
    )


def _retrained(finalists: Sequence[Finalist], scale: Scale) -> list[tuple[str, str]]:
    if not finalists:
        return []
    chosen, *others = finalists
    count = len(chosen.accuracies)
    times = f"trained {count} times" if count > 1 else "trained again"
    words = "; mean and standard deviation" * (count > 1)
    rows = [(times, f"{', '.join(means_of(chosen, scale))}{words}")]
    for each in others:
        found = f"a training failed: {each.failure}" if each.failure else ""
        rows.append((f"finalist trial {each.trial.number}", found or means_of(each, scale)[0]))
    return rows


def means_of(finalist: Finalist, scale: Scale) -> list[str]:
    """Mean validation and test accuracy of its trainings, with their standard deviations."""
    parts = ("validation", finalist.accuracies), ("test", finalist.test_accuracies)
    return [f"{mean_of(values, scale)} {name}" for name, values in parts if values]


def mean_of(values: Sequence[float], scale: Scale) -> str:
    """Mean of accuracies, and their standard deviation where there are several."""
    shown = Scale.of(values) if scale.is_fraction else scale
    mean, unit = shown.bare(float(np.mean(values))), " %" * shown.is_fraction
    spread = f" ± {shown.size(float(np.std(values, ddof=1)))}" if len(values) > 1 else ""
    return f"{mean}{spread}{unit}"


def _inherited(facts: Facts) -> list[tuple[str, str]]:
    first, donor = facts.trained[0], facts.trial.proposal.donor
    if not first.is_heir or donor is None:
        return []
    text = f"those of trial {donor.number}, then {first.epochs} epochs; --retrain begins afresh"
    return [("began with weights", text)]


def _study(record: StudyRecord, trial: Trial, finalists: int = 0) -> list[tuple[str, str]]:
    made, number = record.description, f"{trial.number}"
    if finalists > 1:
        number += f", the best of {finalists} that were trained again"
    elif trial == record.best:
        number += ", the best one"
    versions = [f"{name} {_version(name)}" for name in PACKAGES]
    limits = [("limits", " and ".join(made.limits))] if made.limits else []
    return [
        *limits,
        ("search", f"{made.shown_method}, seed {made.seed}, {len(record.trials)} trainings"),
        ("trial", number),
        ("versions", ", ".join([*versions, f"Python {platform.python_version()}"])),
    ]


def _recipe(recipe: Recipe) -> str:
    told = ("epochs", "batch_size", "learning_rate")
    further = [f"{name} {value}" for name, value in recipe.changed.items() if name not in told]
    epochs = f"{recipe.epochs} epoch{'s' * (recipe.epochs > 1)}"
    base = f"{epochs}, batches of {recipe.batch_size}, AdamW, cosine from {recipe.learning_rate:g}"
    return ", ".join([base, *further])


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "unknown"
