"""Studies: the loop that proposes, evaluates, stores and learns."""

from deltanas.study.description import Description
from deltanas.study.events import Callback, Ending, Evaluated, Event, Proposed, Reported, Watch
from deltanas.study.halving import Halving
from deltanas.study.inheritance import Inheritance
from deltanas.study.record import StudyRecord
from deltanas.study.study import Study

__all__ = [
    "Callback",
    "Description",
    "Ending",
    "Evaluated",
    "Event",
    "Halving",
    "Inheritance",
    "Proposed",
    "Reported",
    "Study",
    "StudyRecord",
    "Watch",
]
