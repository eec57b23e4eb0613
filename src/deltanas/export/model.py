"""From a study to a folder: architecture, source, weights, ONNX where asked, and a card."""

import json
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from safetensors.torch import save_file

from deltanas.errors import ExportError
from deltanas.evaluation import Workplace
from deltanas.export.card import Facts, card, scale_of
from deltanas.export.finals import Finalist, Finals, trials_of
from deltanas.export.folder import (
    ARCHITECTURE,
    CARD,
    ONNX,
    SOURCE,
    WEIGHTS,
    clear,
    made_folder,
)
from deltanas.export.onnx_file import write_onnx
from deltanas.export.own import Function, check_function, export_own, with_space
from deltanas.export.own_code import OwnSpace, code_of, imports_us, own_space
from deltanas.export.retraining import BuiltInRetrainer, OwnRetrainer, searched
from deltanas.export.source import source
from deltanas.records import Trial
from deltanas.scale import PER_CENT, Scale
from deltanas.spaces import SearchSpace
from deltanas.study import Study, StudyRecord
from deltanas.study.place import Place
from deltanas.training import Project, load_data
from deltanas.training.description import StoredTraining, read_training, whole_path
from deltanas.training.networks import NetworkTraining, Trained


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
    finalists: tuple[Finalist, ...] = ()
    """What was trained again, the best on average first; none where nothing was."""


def export_model(  # noqa: PLR0913  the one door
    study: str,
    out: str | Path,
    *,
    trial: int | None = None,
    retrain: int | Finals = 0,
    onnx: bool = False,
    device: str = "auto",
    build: str = "",
    train: Function = "",
    space: SearchSpace | str = "",
) -> Exported:
    """Write the best network of a study as a model of its own.

    The best of many noisy trainings is the luckiest of some that are about as good. With
    `retrain=Finals(5)` the best five are each trained again from scratch, and the one with the best
    mean validation accuracy is exported (ours; `python -m bench.finalists` measures what that
    brings).

    Args:
        study: File or URL of the study.
        out: Folder to write to; files of an earlier export in it are replaced.
        trial: Number of the trial; the best one if left out.
        retrain: How many times to train it again from scratch, with other seeds; the one that
            is best on the validation part is exported. 0 takes the weights of the search.
            `Finals` says how many of the best trials too. These trainings stay in the trials'
            folders: the same call goes on where it was stopped.
        onnx: Whether to write ONNX too, and check it against torch.
        device: What to train on.
        build: The user's builder, `my_project.py:build`, if the study was made with one: a store
            may name any file, and none is run because a store says so.
        train: The user's training function, or `my_project.py:train`, to train again with if the
            study was made with one: not run because a store says so either.
        space: The space of such a study, or `my_project.py:space`, if it does not stand in the
            function's file and has options that are more than text.

    Raises:
        StudyError: There is no such study or trial.
        BudgetError: The number of trainings is negative.
        ExportError: A trial and several finalists are asked for; the study names a builder that
            was not given here, or one that makes another network now; it was made with another
            training function, or none; the folder cannot be written, or ONNX does not answer as
            torch does.
        TrainingError: A training failed.
    """
    finals = Finals.of(retrain)
    if trial is not None and finals is not None and finals.count > 1:
        raise ExportError(
            f"expected one trial or several finalists, got trial {trial} and {finals.count} "
            f"finalists; leave one out"
        )
    if isinstance(train, str) and not train and space != "":
        raise ExportError(
            f"expected a space only beside a training function, got {space!r}; leave it out, or "
            f"name the function too, --train my_project.py:train"
        )
    record = Study.open(study)
    stored = read_training(record.description.benchmark)
    check_function(record, finals, train, is_built_in=stored is not None)
    work = Workplace(Place.of(study).trials, seed=record.description.seed, device=device)
    build = _builder(record, stored.build if stored else "", build)
    if stored is None and onnx:
        raise ExportError(
            f"the study {record.place} was not made with the built-in training, so there is "
            f"nothing to write as ONNX; do that with your own function"
        )
    project, own = Project(), None
    if train:
        record = with_space(study, record, project, train, space)
    elif build:
        # A store knows the names of options only; what the builder takes, its file knows.
        own = own_space(project, build, record.description.space, record.space.name)
        record = record if own is None else Study.open(study, own.space)
    trials = trials_of(record, trial, 1 if finals is None else finals.count)
    folder = made_folder(Path(out))
    if stored is None:
        function = project.function(train) if isinstance(train, str) and train else train
        return _export_own(record, trials, work, folder, finals, function)
    training = _training(stored, project.function(build) if build else None)
    finalists: tuple[Finalist, ...] = ()
    trained: tuple[Trained, ...]
    if finals is None:
        chosen, trained = trials[0], (searched(training, trials[0], work),)
    else:
        finalists, made = finals.run(BuiltInRetrainer(training, build), trials, work)
        chosen = finalists[0].trial
        trained = tuple(each.trained for each in made if each.trained is not None)
    facts = Facts.of(training, record, chosen, trained, finalists)
    files = _write(facts, _texts(facts, build, own), folder)
    done = Exported(folder, files, chosen, trained, finalists=finalists)
    if not onnx:
        return done
    difference = write_onnx(trained[0].network, training.data, folder / ONNX)
    return replace(done, files=(*files, ONNX), onnx_difference=difference)


def _export_own(
    record: StudyRecord,
    trials: Sequence[Trial],
    work: Workplace,
    folder: Path,
    finals: Finals | None,
    train: Function,
) -> Exported:
    """Export what a function of the user's trained, or others recorded."""
    if finals is None or isinstance(train, str):
        files = export_own(record, trials[0], work.folder_of(trials[0].proposal), folder)
        return Exported(folder, files, trials[0], (), scale=record.scale)
    retrainer = OwnRetrainer(train, of_fractions=record.scale.is_fraction)
    finalists, made = finals.run(retrainer, trials, work)
    chosen = finalists[0].trial
    files = export_own(record, chosen, made[0].folder, folder, finalists, made[0])
    scale = scale_of(record, finalists)
    return Exported(folder, files, chosen, (), scale=scale, finalists=finalists)


def _training(stored: StoredTraining, builder: Callable[..., object] | None) -> NetworkTraining:
    """The built-in training of a study, on the data that it was made with."""
    data = load_data(stored.data)
    if stored.digest not in ("", data.digest):
        raise ExportError(
            f"the data {stored.data} has changed since the search, so that accuracies of the two "
            f"cannot be compared; put the old data back"
        )
    return NetworkTraining(data, stored.recipe, builder)


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


def _texts(facts: Facts, build: str, own: OwnSpace | None) -> dict[str, str]:
    """Everything that is text, by name of its file."""
    architecture, code = facts.trial.architecture, {}
    if build:
        file, _, name = build.rpartition(":")
        code = code_of(Path(file), [name] if own is None else [name, own.name])
    given = "choices" if own is None else own.expression(architecture)
    return {
        ARCHITECTURE: json.dumps(json.loads(architecture.to_json()), indent=2) + "\n",
        SOURCE: source(architecture, facts.data, build, given),
        CARD: card(facts, needs_us=imports_us(code)),
        **code,
    }


def _write(facts: Facts, texts: Mapping[str, str], folder: Path) -> tuple[str, ...]:
    """Write everything but ONNX; names of the files."""
    state = facts.trained[0].network.state_dict()
    weights = {name: each.clone().contiguous() for name, each in state.items()}
    try:
        clear(folder)
        for name, text in texts.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        save_file(weights, folder / WEIGHTS)
        # It is made for its owner alone; who may read the others may read it too.
        (folder / WEIGHTS).chmod((folder / CARD).stat().st_mode & 0o777)
    except OSError as error:
        raise ExportError(
            f"the model cannot be written to {folder} ({error}); free some space or name another "
            f"folder with --out"
        ) from None
    return (*texts, WEIGHTS)
