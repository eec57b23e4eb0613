"""Every error that deltanas raises on purpose, under one base class.

A message has four parts: what was expected, what came, which one it was, and what to do
next. Errors that a built-in also describes inherit from it too, so `except ValueError`
keeps working for callers who know nothing of us.
"""


class DeltaNasError(Exception):
    """Base of all errors raised on purpose; the command line shows it without a traceback."""


class SpaceError(DeltaNasError, ValueError):
    """A search space is described wrongly: no options, duplicate names, ..."""


class ArchitectureError(DeltaNasError, ValueError):
    """An architecture does not belong to its space: unknown decision, unknown option, ..."""


class EditError(DeltaNasError, ValueError):
    """An edit does not fit the architecture that it is applied to."""


class EncodingError(DeltaNasError, ValueError):
    """An encoding is asked of a space that cannot give it."""


class ShapeError(DeltaNasError, ValueError):
    """Arrays that belong together differ in shape."""


class PairsError(DeltaNasError, ValueError):
    """A DoA data set cannot be built, split, saved or read."""


class NoDecidablePairError(PairsError):
    """No pair has a direction to predict: every measured delta lies inside the noise band."""


class NotFittedError(DeltaNasError, RuntimeError):
    """A predictor is asked to predict before it was fitted."""


class ProtocolError(DeltaNasError, RuntimeError):
    """Calls came in an order that makes no sense: an answer to a question never asked, ..."""


class BudgetError(DeltaNasError, ValueError):
    """A budget or a setting of how epochs are spent is no such number, or two settings clash."""


class StudyError(DeltaNasError):
    """A study cannot be opened, continued or written."""


class ObjectiveError(StudyError, ValueError):
    """Objectives are not accuracy and others, or a method is asked for that knows one only."""


class StudyMismatchError(StudyError):
    """A stored study was made with another space, benchmark, method or seed."""


class StudyLockedError(StudyError):
    """Another process works on the study right now."""


class AllTrialsFailedError(StudyError):
    """Not one training succeeded, so there is nothing to learn from."""


class SpaceExhaustedError(StudyError):
    """Every architecture of the space was proposed already, so there is nothing to ask for."""


class DataError(DeltaNasError):
    """Benchmark data is missing, truncated, altered or not what its name says."""


class MissingDataError(DataError):
    """Benchmark data is not on this machine; the message says how to get it."""


class UnfitDataError(DataError, ValueError):
    """Data that was given to train on cannot be: it is unreadable, of one class only, ..."""


class UnsafeDataError(DataError):
    """A file would run code when read; it was refused without running it."""


class UnknownNameError(DeltaNasError, KeyError):
    """A benchmark, space, method, ... of that name does not exist; near names are offered."""

    def __str__(self) -> str:
        """The plain message: KeyError would put it in quotes."""
        return str(self.args[0]) if self.args else ""


class ProjectError(DeltaNasError, ValueError):
    """A file of the user's does not hold what was asked of it: no such name, raises at import."""


class MissingPackageError(DeltaNasError):
    """An optional package is needed and not installed; the message says which and how."""


class TrainingError(DeltaNasError, RuntimeError):
    """A training cannot go on: its loss is no number, the network does not fit into memory, ..."""


class DeviceError(TrainingError, ValueError):
    """There is no device of that name to train on."""


class TrainingTimeError(TrainingError):
    """A training ran past its time limit."""


class StoppedEarlyError(TrainingError):
    """A training is not good enough to go on; let it pass through."""


class ExportError(DeltaNasError):
    """A model cannot be written, or what was written does not answer as the network does."""


class ReportError(DeltaNasError):
    """A report cannot be drawn or written."""


class LimitError(DeltaNasError, ValueError):
    """A limit cannot be read, is on something unknown, or nothing keeps to it."""


class CostError(DeltaNasError, ValueError):
    """What a network costs cannot be found: it cannot be built or run, or its cost is no number."""


class ScoreError(DeltaNasError, ValueError):
    """A score of an untrained network cannot be found: it cannot be built or run, ..."""
