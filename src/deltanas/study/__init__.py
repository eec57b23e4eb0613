"""Studies: the loop that proposes, evaluates, stores and learns."""

from deltanas.study.description import Description
from deltanas.study.events import Ending, Evaluated, Event, Proposed, Watch
from deltanas.study.record import StudyRecord
from deltanas.study.study import Study

__all__ = [
    "Description",
    "Ending",
    "Evaluated",
    "Event",
    "Proposed",
    "Study",
    "StudyRecord",
    "Watch",
]
