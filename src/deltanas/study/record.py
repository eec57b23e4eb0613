"""What a study holds, as a value: for reports and analyses, which train nothing."""

import json
import os
from dataclasses import dataclass
from typing import final

from deltanas.errors import SpaceError, StudyError, StudyMismatchError
from deltanas.limits import told_limits
from deltanas.records import History, Trial
from deltanas.scale import PER_CENT, Scale
from deltanas.spaces import BlockSpace, SearchSpace
from deltanas.spaces.constraints import readable
from deltanas.spaces.published import PUBLISHED
from deltanas.study.attendance import ATTENDANCE, Attendance
from deltanas.study.description import Description
from deltanas.study.lease import LEASE, STOP, Holder
from deltanas.study.opening import open_to_read
from deltanas.study.place import Place
from deltanas.study.source import edits_in
from deltanas.study.stopping import Wish, asked_of
from deltanas.study.storage_errors import in_words
from deltanas.study.store import Store
from deltanas.study.values import Values


@final
@dataclass(frozen=True, slots=True)
class StudyRecord:
    """A study at one moment."""

    space: SearchSpace
    """Space that is searched."""
    description: Description
    """What the study was made with: method, settings, seed, benchmark."""
    history: History
    """All trials, those under way too."""
    place: str
    """Where it is kept, as messages show it."""
    holder: Holder | None = None
    """Who holds it, dead or alive; None in files, which have locks, and in memory."""
    attendance: Attendance | None = None
    """Who trained last, where that was noted."""
    wish: Wish | None = None
    """How the search was asked to stop, if it was; of meaning while one is at work."""
    edits: tuple[int, ...] = ()
    """How many trials there were each time that the training function was edited."""

    @property
    def trials(self) -> tuple[Trial, ...]:
        """All trials, by number."""
        return self.history.trials

    @property
    def scale(self) -> Scale:
        """How its accuracies are shown: fractions in per cent, other scores as they are."""
        if self.description.is_recorded:
            return PER_CENT
        return Scale.of(trial.accuracy for trial in self.history.finished)

    @property
    def best(self) -> Trial:
        """The finished trial with the highest accuracy, the earliest of equals.

        Raises:
            StudyError: No trial has finished.
        """
        best = self.history.best
        if best is None:
            within = " within its limits" if self.history.trained else ""
            raise StudyError(
                f"the study {self.place} has no best trial, because none of its "
                f"{len(self.history)} trials finished{within}; run it first"
            )
        return best


def read_study(
    storage: str | os.PathLike[str], space: SearchSpace | None, name: str
) -> StudyRecord:
    """Read a study without locking or continuing it; see `Study.open`."""
    place = Place.of(storage)
    opened, study, description = open_to_read(place, name)
    if space is not None and space.fingerprint() != description.space:
        raise StudyMismatchError(
            f"the study {place.shown} searches space {_name(description)!r}, got {space!r} with "
            f"other decisions or options; give the space that it was made with, or none"
        )
    if space is None:
        space = space_of(description, place.shown)
    store = Store(place, opened, study, values=Values(limits=told_limits(description.limits)))
    try:
        trials = store.read(space, settle=False)
        edits = edits_in(store.sources())
        with in_words(place.shown, "reading"):
            noted = opened.get_study_system_attrs(study)
    finally:
        store.close()
    holder = Holder.from_record(noted.get(LEASE))
    attendance = Attendance.from_record(noted.get(ATTENDANCE))
    wish = asked_of(place, holder, noted.get(STOP))
    history = History(trials)
    return StudyRecord(space, description, history, place.shown, holder, attendance, wish, edits)


def _name(description: Description) -> str:
    return str(json.loads(description.space)["name"])


def space_of(description: Description, place: str) -> SearchSpace:
    """The space as far as a study tells: a published one, or decisions and rules in text.

    Raises:
        StudyError: It tells something else; it was altered.
    """
    for published in PUBLISHED:
        space = published()
        if space.fingerprint() == description.space:
            return space
    made = json.loads(description.space)
    options = {name: choices for name, *choices in made["decisions"]}
    try:
        return BlockSpace(options, name=made["name"], **readable(made.get("constraints", {})))
    except (SpaceError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise StudyError(
            f"the study {place} describes a space that cannot be made ({error}); it was altered, "
            f"use a copy from before"
        ) from None
