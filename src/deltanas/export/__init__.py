"""The winner of a study as a plain model that needs no deltanas."""

from deltanas.export.finals import Finalist, Finals
from deltanas.export.model import Exported, export_model

__all__ = ["Exported", "Finalist", "Finals", "export_model"]
