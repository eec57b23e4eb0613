"""The winner of a study as a plain model that needs no deltanas."""

from deltanas.export.model import Exported, export_model

__all__ = ["Exported", "export_model"]
