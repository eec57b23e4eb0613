"""The trials of a study in an Optuna storage: nothing is known that is not stored first.

Each proposal is one transaction, made before its evaluation starts. Each result is two:
one that holds all of it, and then one that closes the trial for Optuna. A process may die
between any two; whatever was begun is completed when the study is read again.
"""

import contextlib
import gc
import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, final

import sqlalchemy
from optuna.storages import BaseStorage, RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from deltanas.errors import ProtocolError, StudyError
from deltanas.records import Evaluation, Proposal, Status, Trial
from deltanas.spaces import SearchSpace
from deltanas.study import rows
from deltanas.study.attendance import ATTENDANCE, Attendance
from deltanas.study.lease import Lease, release
from deltanas.study.patience import Patience
from deltanas.study.place import Place
from deltanas.study.source import SOURCES, Sources, noted
from deltanas.study.sqlite_file import change_counter, identity
from deltanas.study.stopping import stop_request
from deltanas.study.storage_errors import in_words
from deltanas.study.values import CONSTRAINTS, METRIC_NAMES, Values, told_in

STATES = {Status.FINISHED: TrialState.COMPLETE, Status.PRUNED: TrialState.PRUNED}
"""State of a trial for Optuna; every other status is a failure to it."""

ATTRIBUTES = sqlalchemy.text(
    "SELECT t.number, t.trial_id, t.state, a.key, a.value_json FROM trials t "
    "LEFT JOIN trial_user_attributes a ON a.trial_id = t.trial_id "
    "WHERE t.study_id = :study ORDER BY t.number"
)
"""What we need of `BaseStorage.get_all_trials`, which takes forty times as long."""


@final
class Store:
    """Reads and writes the trials of one study."""

    def __init__(
        self,
        place: Place,
        storage: BaseStorage,
        study: int,
        lease: Lease | None = None,
        values: Values | None = None,
    ) -> None:
        """Work on an open study; see `opening`.

        Args:
            place: Where it is kept.
            storage: Its storage.
            study: Optuna's identifier of it.
            lease: What keeps other processes out of it in a database.
            values: What its trials are worth to Optuna; accuracy alone if left out.
        """
        self._lease = lease
        self.stop = stop_request(place, lease)
        """What other processes ask the search to do."""
        self._patiently = Patience(place)
        self._place = place
        self._storage = storage
        self._study = study
        self._values = values or Values()
        self._count = 1
        self._ids: dict[int, int] = {}
        self._last: tuple[int, str] | None = None
        self._file = None if place.path is None else identity(place.path)
        self._seen = b""

    @property
    def was_changed(self) -> bool:
        """Whether somebody else wrote to the file since this store read or wrote it."""
        return self._place.path is not None and change_counter(self._place.path) != self._seen

    def read(self, space: SearchSpace, *, settle: bool) -> list[Trial]:
        """All trials.

        Args:
            space: Space of the study.
            settle: Whether to close trials whose result was stored before a process died;
                the lock must be held.

        Raises:
            StudyError: A trial was not stored by deltanas, or another file was put in the
                place of the study.
        """
        self._check_file()
        trials = []
        with in_words(self._place.shown, "reading"), _uncollected():
            self._count = len(self._storage.get_study_directions(self._study))
            for number, trial_id, state, attributes in self._patiently(
                lambda _: list(self._rows())
            ):
                self._ids[number] = trial_id
                proposal = rows.proposal_of(number, attributes, space, self._place.shown)
                evaluation = self._evaluation(number, state, attributes)
                if settle and evaluation is not None and not state.is_finished():
                    self._close(proposal, evaluation)
                trials.append(Trial(proposal, evaluation))
                self._last = trial_id, proposal.architecture.key
        self._look()
        return trials

    def sources(self) -> Sources:
        """Digests of the training functions so far, each with the trials that were before it."""
        with in_words(self._place.shown, "reading"):
            return noted(self._storage.get_study_user_attrs(self._study).get(SOURCES))

    def note_source(self, digest: str | None, trials: int) -> Sources:
        """Add the digest of today's training function, if it is another one than the last."""
        found = self.sources()
        if digest is None or (found and found[-1][0] == digest):
            return found
        # What was noted after the last trial trained nothing.
        found = [each for each in found if each[1] < trials]
        if not found or found[-1][0] != digest:
            found.append((digest, trials))
        with in_words(self._place.shown, "saving the digest of the training function to"):
            self._storage.set_study_user_attr(self._study, SOURCES, [list(each) for each in found])
        self._look()
        return found

    def add(self, proposal: Proposal) -> None:
        """Store a proposal, in one transaction.

        Raises:
            StudyError: It cannot be stored, or another process wrote to the study.
        """
        chosen, possible = rows.parameters_of(proposal.architecture)
        template = create_trial(
            state=TrialState.RUNNING,
            params=chosen,
            distributions=possible,
            user_attrs=rows.attributes_of(proposal),
        )
        number = proposal.number
        with in_words(self._place.shown, f"saving proposal {number} to"):
            self._ids[number] = self._patiently(partial(self._create, proposal, template))
        self._last = self._ids[number], proposal.architecture.key
        self._look()

    def finish(self, proposal: Proposal, evaluation: Evaluation) -> None:
        """Store what came of a proposal.

        Raises:
            StudyError: It cannot be stored; the message repeats the result.
        """
        accuracy, number = evaluation.accuracy, evaluation.number
        what = "the failure" if accuracy is None else f"accuracy {accuracy!r}"
        with in_words(self._place.shown, f"saving {what} of trial {number} to"):
            self._patiently(partial(self._end, proposal, evaluation))
        self._look()

    def values_of(self, number: int) -> list[float] | None:
        """What a trial is worth to Optuna, accuracy first."""
        values: list[float] | None = self._storage.get_trial(self._ids[number]).values
        return values

    def note(self, attendance: Attendance) -> None:
        """Store who trains, for those who look; a search does without where that fails."""
        with contextlib.suppress(StudyError), in_words(self._place.shown, "writing to"):
            record = attendance.to_record()
            self._storage.set_study_system_attr(self._study, ATTENDANCE, record)
            self._look()

    def close(self) -> None:
        """Free connections and files, and the study for others."""
        if self._lease is not None:
            self._lease.close()
        release(self._storage)

    def _create(self, proposal: Proposal, template: FrozenTrial, is_repeat: bool) -> int:  # noqa: FBT001
        """Make a trial, if an attempt whose answer was lost has not made it; its identifier."""
        self._check_ours()
        number = proposal.number
        if is_repeat:
            with contextlib.suppress(KeyError):
                trial_id = self._id(number)
                attributes = self._storage.get_trial_user_attrs(trial_id)
                if attributes["key"] == proposal.architecture.key:
                    return trial_id
        trial_id = self._storage.create_new_trial(self._study, template)
        if trial_id != self._id(number):
            raise StudyError(
                f"the study {self._place.shown} got a trial {number} from another process; "
                f"let one process at a time work on a study"
            )
        return trial_id

    def _end(self, proposal: Proposal, evaluation: Evaluation, is_repeat: bool) -> None:  # noqa: FBT001
        """Store a result and close the trial, if an attempt whose answer was lost has not."""
        self._check_ours()
        trial_id, record = self._ids[evaluation.number], rows.evaluation_record(evaluation)
        if is_repeat:
            stored = self._storage.get_trial(trial_id)
            if stored.state.is_finished() and stored.user_attrs.get(rows.EVALUATION) == record:
                return
        self._storage.set_trial_user_attr(trial_id, rows.EVALUATION, record)
        self._close(proposal, evaluation)

    def _check_ours(self) -> None:
        """Refuse to write to what is not, or no longer, the study that was opened."""
        if self._lease is not None:
            self._lease.check()
        self._check_file()
        if self.was_changed and self._last is not None:
            # By a dashboard, perhaps; or another study was copied over ours.
            trial_id, key = self._last
            with contextlib.suppress(KeyError):
                if self._storage.get_trial_user_attrs(trial_id)["key"] == key:
                    return
            raise self._replaced()

    def _check_file(self) -> None:
        if self._place.path is not None and identity(self._place.path) != self._file:
            raise self._replaced()

    def _replaced(self) -> StudyError:
        return StudyError(
            f"the study {self._place.shown} is not the one that was opened, another file was put "
            f"in its place; nothing was written to that. Put the first one back and start again"
        )

    def _close(self, proposal: Proposal, evaluation: Evaluation) -> None:
        trial, trial_id = Trial(proposal, evaluation), self._ids[evaluation.number]
        values = self._values.of(trial, self._count)
        state = STATES.get(evaluation.status, TrialState.FAIL)
        if state in (TrialState.COMPLETE, TrialState.FAIL):  # as Optuna has it: with its values
            state = TrialState.FAIL if values is None else TrialState.COMPLETE
        if constraints := self._values.constraints_of(trial):
            self._storage.set_trial_system_attr(trial_id, CONSTRAINTS, constraints)
        self._storage.set_trial_state_values(trial_id, state, values)

    def _look(self) -> None:
        if self._place.path is not None:
            self._seen = change_counter(self._place.path)

    def _names(self) -> object:
        """Names of the values, if the study has them."""
        return self._storage.get_study_system_attrs(self._study).get(METRIC_NAMES)

    def _id(self, number: int) -> int:
        """Optuna's identifier of a trial."""
        return self._storage.get_trial_id_from_study_id_trial_number(self._study, number)

    def _rows(self) -> Iterator[tuple[int, int, TrialState, dict[str, Any]]]:
        """Number, identifier, state and attributes of each trial, by number."""
        if not isinstance(self._storage, RDBStorage):
            for each in self._storage.get_all_trials(self._study, deepcopy=False):
                yield each.number, self._id(each.number), each.state, each.user_attrs
            return
        found: dict[int, tuple[int, int, TrialState, dict[str, Any]]] = {}
        with self._storage.engine.connect() as connection:
            for number, trial_id, state, key, value in connection.execute(
                ATTRIBUTES, {"study": self._study}
            ).all():
                row = found.setdefault(number, (number, trial_id, TrialState[state], {}))
                if key is not None:
                    row[3][key] = json.loads(value)
        yield from found.values()

    def _evaluation(
        self, number: int, state: TrialState, attributes: Mapping[str, Any]
    ) -> Evaluation | None:
        """What came of a trial; another program may have ended it with Optuna's own means."""
        if rows.EVALUATION in attributes:
            return rows.evaluation_of(number, attributes[rows.EVALUATION], self._place.shown)
        if not state.is_finished():
            return None
        values = self.values_of(number) if state == TrialState.COMPLETE else None
        try:
            if values:
                told = told_in(values, self._names())
                ended = Evaluation(number, Status.FINISHED, values[0], metrics=told)
                return self._values.completed(ended)
        except ProtocolError as error:
            return Evaluation(number, Status.FAILED, reason=str(error))
        return Evaluation(number, Status.FAILED, reason="another program ended it without a value")


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """Make many values that stay, without Python searching them for garbage again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
