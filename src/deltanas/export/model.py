"""From a study to a folder: architecture, source, weights, ONNX where asked, and a card."""

import json
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

import numpy as np
from safetensors.torch import save_file

from deltanas.errors import ExportError, StudyError
from deltanas.evaluation import Workplace
from deltanas.export.card import Facts, card
from deltanas.export.onnx_file import write_onnx
from deltanas.export.own import export_own
from deltanas.export.own_code import OwnSpace, code_of, imports_us, own_space
from deltanas.export.source import source
from deltanas.records import Trial
from deltanas.scale import PER_CENT, Scale
from deltanas.seeds import generator
from deltanas.study import Study, StudyRecord
from deltanas.study.place import Place
from deltanas.training import Project, load_data
from deltanas.training.description import read_training, whole_path
from deltanas.training.networks import NetworkTraining, Trained

ALIKE = 0.01
"""Validation accuracies that differ by no more are of one network, on whatever device."""


@final
@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    folder: Path
    """Where it is."""
    files: tuple[str, ...]
    """Names of the files."""
    trial: Trial
    """The trial whose architecture it is."""
    trained: tuple[Trained, ...]
    """The trainings behind it, the exported one first; none for a training of the user's."""
    onnx_difference: float | None = None
    """Largest difference between a score of torch and one of the ONNX file; None where none was
    written, or where onnxruntime is not there to check it."""
    scale: Scale = PER_CENT
    """How accuracies of the study are shown."""


def export_model(
    study: str,
    out: str | Path,
    *,
    trial: int | None = None,
    retrain: int = 0,
    onnx: bool = False,
    device: str = "auto",
    build: str = "",
) -> Exported:
    """Write the best network of a study as a model of its own.

    Args:
        study: File or URL of the study.
        out: Folder to write to; files of an earlier export in it are replaced.
        trial: Number of the trial; the best one if left out.
        retrain: How many times to train it again from scratch, with other seeds; the one that
            is best on the validation part is exported. 0 takes the weights of the search.
        onnx: Whether to write ONNX too, and check it against torch.
        device: What to train on.
        build: The user's builder, `my_project.py:build`, if the study was made with one: a store
            may name any file, and none is run because a store says so.

    Raises:
        StudyError: There is no such study or trial.
        ExportError: The study names a builder that was not given here, or one that makes another
            network now; the folder cannot be written, or ONNX does not answer as torch does.
        TrainingError: A training failed.
    """
    record = Study.open(study)
    stored = read_training(record.description.benchmark)
    build = _builder(record, stored.build if stored else "", build)
    project, own = Project(), None
    if build:
        # A store knows the names of options only; what the builder takes, its file knows.
        own = own_space(project, build, record.description.space, record.space.name)
        record = record if own is None else Study.open(study, own.space)
    chosen = record.best if trial is None else _trial(record, trial)
    folder = _folder(Path(out))
    work = Workplace(Place.of(study).trials, seed=record.description.seed, device=device)
    if stored is None:
        if retrain or onnx:
            raise ExportError(
                f"the study {record.place} was not made with the built-in training, so there is "
                f"nothing to train again or to write as ONNX; do that with your own function"
            )
        files = export_own(record, chosen, work, folder)
        return Exported(folder, files, chosen, (), scale=record.scale)
    builder = project.function(build) if build else None
    data = load_data(stored.data)
    if stored.digest not in ("", data.digest):
        raise ExportError(
            f"the data {stored.data} has changed since the search, so that accuracies of the two "
            f"cannot be compared; put the old data back"
        )
    training = NetworkTraining(data, stored.recipe, builder)
    trained = _trainings(training, chosen, work, retrain)
    facts = Facts.of(training, record, chosen, trained, is_retrained=retrain > 0)
    files = _write(facts, _texts(facts, build, own), folder)
    if not onnx:
        return Exported(folder, files, chosen, trained)
    difference = write_onnx(trained[0].network, training.data, folder / "model.onnx")
    return Exported(folder, (*files, "model.onnx"), chosen, trained, difference)


def _builder(record: StudyRecord, stored: str, given: str) -> str:
    """The builder to run: the one that is stored, and only if the user names it too."""
    if not given and not stored:
        return ""
    if not given:
        raise ExportError(
            f"the networks of the study {record.place} are built by {stored}, and code is not run "
            f"because a study names it; if you trust that file, add --build {shlex.quote(stored)}"
        )
    file, _, name = given.rpartition(":")
    whole = f"{whole_path(file)}:{name}"
    if whole != stored:
        raise ExportError(
            f"expected the builder that the study {record.place} was made with, "
            f"{stored or 'which is none'}, got --build {given}; "
            + (f"give --build {shlex.quote(stored)}" if stored else "leave --build out")
        )
    return whole


def _trial(record: StudyRecord, number: int) -> Trial:
    for trial in record.history.finished:
        if trial.number == number:
            return trial
    raise StudyError(
        f"the study {record.place} has no trial {number} that finished; the best one is "
        f"{record.best.number}"
    )


def _folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExportError(
            f"expected a folder to write the model to, {path} cannot be made ({error}); name "
            f"another one with --out"
        ) from None
    return path


def _trainings(
    training: NetworkTraining, trial: Trial, work: Workplace, retrain: int
) -> tuple[Trained, ...]:
    """The training of the search, or `retrain` new ones, the best on validation first.

    The weights of the search are read from the trial's folder; where they are gone, the same
    training is made again, with the same seed.
    """
    if not retrain:
        context = work.context(trial.proposal)
        found = training.train(trial.architecture, context)
        _check_same(found.accuracy, training.validated(found, context))
        return (_on_cpu(found),)
    base = work.context(trial.proposal)
    made = []
    for number in range(retrain):
        seed = int(generator(base.seed, "retrain", number).integers(2**31))
        with tempfile.TemporaryDirectory() as folder:
            context = replace(base, folder=Path(folder), seed=seed, donor=None)
            made.append(_on_cpu(training.train(trial.architecture, context)))
    best = int(np.argmax([each.accuracy for each in made]))
    return (made[best], *made[:best], *made[best + 1 :])


def _check_same(told: float, now: float) -> None:
    """Refuse a network that does not answer as it did in the search: it is another one.

    Raises:
        ExportError: Its validation accuracy is not what the search was told.
    """
    if abs(told - now) > ALIKE:
        raise ExportError(
            f"the network with these weights has {PER_CENT.shown(now)} on the validation part, the "
            f"search was told {PER_CENT.shown(told)}: what builds it has been edited since, or was "
            f"given options that a study does not store. Give back the old code, make options "
            f"plain values, or define the space in the builder's file"
        )


def _on_cpu(trained: Trained) -> Trained:
    return replace(trained, network=trained.network.cpu().eval())


def _texts(facts: Facts, build: str, own: OwnSpace | None) -> dict[str, str]:
    """Everything that is text, by name of its file."""
    architecture, code = facts.trial.architecture, {}
    if build:
        file, _, name = build.rpartition(":")
        code = code_of(Path(file), [name] if own is None else [name, own.name])
    given = "choices" if own is None else own.expression(architecture)
    return {
        "architecture.json": json.dumps(json.loads(architecture.to_json()), indent=2) + "\n",
        "network.py": source(architecture, facts.data, build, given),
        "README.md": card(facts, needs_us=imports_us(code)),
        **code,
    }


def _write(facts: Facts, texts: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """Write everything but ONNX; names of the files."""
    state = facts.trained[0].network.state_dict()
    weights = {name: each.clone().contiguous() for name, each in state.items()}
    try:
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        save_file(weights, folder / "weights.safetensors")
        # It is made for its owner alone; who may read the others may read it too.
        (folder / "weights.safetensors").chmod((folder / "README.md").stat().st_mode & 0o777)
    except OSError as error:
        raise ExportError(
            f"the model cannot be written to {folder} ({error}); free some space or name another "
            f"folder with --out"
        ) from None
    return (*texts, "weights.safetensors")
