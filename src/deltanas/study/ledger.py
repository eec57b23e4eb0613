"""What a process knows of a study that it works on: the store's trials, kept in memory."""

import collections
import math
import operator
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import SupportsIndex, final

from deltanas.errors import ProtocolError, StudyMismatchError
from deltanas.records import Evaluation, History, Proposal, Trial
from deltanas.search import Searcher
from deltanas.spaces import codes_of
from deltanas.study.attendance import Attendance
from deltanas.study.description import Description
from deltanas.study.opening import open_to_continue
from deltanas.study.place import Place
from deltanas.study.provisions import Provisions
from deltanas.study.source import edits_in
from deltanas.study.sqlite_file import StudyLock
from deltanas.study.stopping import StopFile, StopRequest
from deltanas.study.store import Store
from deltanas.study.values import Values


@final
class Ledger:
    """Stores first, remembers second, so that memory never knows more than the store.

    After any error, and when somebody else wrote to the store, it is read anew.
    """

    def __init__(
        self,
        searcher: Searcher,
        place: Place,
        name: str,
        made: Description,
        source: str | None,
        provisions: Provisions,
    ) -> None:
        """Make the study or open it to continue it; see `Study`."""
        self._provisions = provisions
        self._searcher = searcher
        self._lock = StudyLock(place.path)
        self._turn = threading.RLock()
        self._asked: set[int] = set()
        self._trials: dict[int, Trial] = {}
        self._history: History | None = None
        self._waiting: collections.deque[Proposal] = collections.deque()
        self._is_stale = True
        self._is_closed = False
        self._attendance: Attendance | None = None
        self._shown = place.shown
        with self._lock.held():
            StopFile(place).clear()
            self._values = Values(searcher, provisions.limits)
            opened, study, lease = open_to_continue(place, name, made, self._values)
            self._store = Store(place, opened, study, lease, self._values)
            try:
                self._load()
                self._check_keys(place)
                self._check_costs(place)
                self.edits = edits_in(self._store.note_source(source, len(self._trials)))
                """How many trials there were when the training function was edited."""
            except BaseException:
                self._store.close()
                raise

    @property
    def history(self) -> History:
        """All trials, those under way too."""
        if self._history is None:
            self._history = History(self._trials.values())
        return self._history

    @property
    def stop(self) -> StopRequest:
        """What other processes ask the search to do."""
        return self._store.stop

    @property
    def waiting(self) -> tuple[int, ...]:
        """Numbers of the trials that a dead process had under way, and that are not taken yet."""
        return tuple(each.number for each in self._waiting)

    def __len__(self) -> int:
        """Number of trials."""
        return len(self._trials)

    @contextmanager
    def working(self) -> Iterator[None]:
        """Lock other processes out inside a block, and know what is in the store.

        Threads of this process take turns.

        Raises:
            ProtocolError: The study was closed.
            StudyLockedError: Another process works on it.
        """
        with self._turn:
            yield from self._working()

    def _working(self) -> Iterator[None]:
        if self._is_closed:
            raise ProtocolError(
                f"this Study object was closed, got asked for more of the study {self._shown}; "
                f"make it again with Study(space, train, storage=...), it goes on where it was"
            )
        with self._lock.held():
            if self._is_stale or self._store.was_changed:
                self._load()
            try:
                yield
            except BaseException:
                self._is_stale = True
                raise

    def left_over(self, n: int) -> list[Proposal]:
        """Take up to `n` proposals that a dead process had under way, oldest first."""
        return [self._waiting.popleft() for _ in range(min(n, len(self._waiting)))]

    def propose(self, n: int) -> list[Proposal]:
        """At most `n` new proposals, stored; an empty list if nothing is left to propose."""
        self._provisions.gate.learn(self.history)
        proposed = self._searcher.propose(self.history, n)
        proposals = self._provisions.given(proposed, self.history)
        for proposal in proposals:
            self._store.add(proposal)
            self._remember(Trial(proposal))
        return proposals

    def refused(self, proposal: Proposal) -> Evaluation | None:
        """What comes of a proposal that is not to be trained; None if it is."""
        return self._provisions.gate.refused(proposal)

    def hand_out(self, proposal: Proposal) -> Trial:
        """Note that the user evaluates a proposal, and keep the lock until it was told."""
        if not self._asked:
            self._lock.take()
        self._asked.add(proposal.number)
        return self._trials[proposal.number]

    def number(self, trial: Trial | Proposal | SupportsIndex) -> int:
        """Number of a trial that the user names, in this study.

        Raises:
            ProtocolError: It is the trial of another study.
        """
        if not isinstance(trial, Trial | Proposal):
            try:
                return operator.index(trial)
            except TypeError:
                raise ProtocolError(
                    f"a trial is what ask() gave or its number, got {trial!r:.60}; give one of both"
                ) from None
        known = self._trials.get(trial.number)
        if known is not None and known.architecture.code != trial.architecture.code:
            raise ProtocolError(
                f"got trial {trial.number} of another study ({trial.architecture}): here it is "
                f"{known.architecture}; tell each study what it asked for"
            )
        return trial.number

    def learn(self, evaluation: Evaluation) -> Trial:
        """Store what came of a trial, held to objectives and limits on what trainings tell.

        Raises:
            ProtocolError: There is no such trial, or it has its result already.
        """
        number = evaluation.number
        trial = self._trials.get(number)
        if trial is None or trial.evaluation is not None:
            why = "was never proposed" if trial is None else "has its result already"
            raise ProtocolError(
                f"got a result for trial {number}, which {why}; give one result for each trial "
                f"that is under way"
            )
        metrics = {**evaluation.metrics, **trial.proposal.measured}
        evaluation = self._values.completed(replace(evaluation, metrics=metrics))
        ended = Trial(trial.proposal, evaluation)
        self._store.finish(trial.proposal, evaluation)
        self._remember(ended)
        if trial.proposal in self._waiting:
            self._waiting.remove(trial.proposal)
        self._release({number})
        return ended

    def note(self, attendance: Attendance) -> None:
        """Store who trains, where that has changed."""
        if attendance != self._attendance:
            self._attendance = attendance
            self._store.note(attendance)

    def close(self) -> None:
        """Free the store; what was asked and not told is left over for whoever goes on."""
        if not self._is_closed:
            self._is_closed = True
            self._release(set(self._asked))
            self._store.close()

    def _release(self, ended: set[int]) -> None:
        """Wait no longer for the user to tell these; free the lock if nothing is left to tell."""
        if self._asked & ended:
            self._asked -= ended
            if not self._asked:
                self._lock.give_back()

    def _remember(self, trial: Trial) -> None:
        self._trials[trial.number] = trial
        self._history = None

    def _load(self) -> None:
        """Read the store; what is under way there and not asked here, a dead process left."""
        trials = self._store.read(self._searcher.space, settle=True)
        self._trials = {trial.number: trial for trial in trials}
        self._history = None
        self._release({trial.number for trial in trials if trial.evaluation is not None})
        self._waiting = collections.deque(
            trial.proposal
            for trial in trials
            if trial.evaluation is None and trial.number not in self._asked
        )
        self._is_stale = False

    def _check_costs(self, place: Place) -> None:
        """Refuse a study whose objectives would now have other values: two of its trials are asked.

        Raises:
            StudyMismatchError: Known costs are not what they were.
        """
        finished = self.history.finished
        for trial in {each.number: each for each in (*finished[:1], *finished[-1:])}.values():
            stored = self._store.values_of(trial.number) or []
            now = self._values.of(trial, len(stored)) or []
            for name, before, after in zip(self._values.names, stored, now, strict=False):
                if not math.isclose(before, after, rel_tol=1e-6):
                    raise StudyMismatchError(
                        f"the study {place.shown} knows trial {trial.number} with {name} "
                        f"{before:g}, now it has {after:g}; use the costs that the study was made "
                        f"with, or name another file"
                    )

    def _check_keys(self, place: Place) -> None:
        """Refuse a study whose networks the space would now take for others.

        Raises:
            StudyMismatchError: A stored architecture is not valid or has another key today.
        """
        if not self._trials:
            return
        space = self._provisions.gate.lasting_space
        architectures = [trial.architecture for trial in self._trials.values()]
        codes = codes_of(architectures)
        valid = space.are_valid(codes)
        keys = space.keys(codes) if valid.all() else [""] * len(codes)
        for number, stored, key in zip(self._trials, architectures, keys, strict=True):
            if stored.key != key:
                raise StudyMismatchError(
                    f"the study {place.shown} knows trial {number} by the key {stored.key!r}, "
                    f"space {space.name!r} now gives {key or 'no key, it is not valid'!r}; use "
                    f"the space as it was when the study was made, or name another file"
                )
