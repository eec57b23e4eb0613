"""The winner of a study as a plain model that needs no deltanas."""

from deltanas.export.again import Again
from deltanas.export.finals import Finalist, Finals
from deltanas.export.model import Exported, export_model

__all__ = ["Again", "Exported", "Finalist", "Finals", "export_model"]
