"""Studies: a search with its store, which can be left and continued at any moment."""

from deltanas.study.events import Ending, Evaluated, Proposed
from deltanas.study.store import Store
from deltanas.study.study import Study, Watch

__all__ = ["Ending", "Evaluated", "Proposed", "Store", "Study", "Watch"]
