"""The winner of a study as a plain model that needs no deltanas."""

from deltanas.export.finals import Finalist, Finals, Moment
from deltanas.export.model import Exported, export_model
from deltanas.export.retraining import Retraining

__all__ = ["Exported", "Finalist", "Finals", "Moment", "Retraining", "export_model"]
