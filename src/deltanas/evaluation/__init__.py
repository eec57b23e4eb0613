"""Evaluators: a proposal in, what came of it out; a failure is a value."""

from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.function import FunctionEvaluator
from deltanas.evaluation.outcome import evaluation_of, failed, failure_of
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.evaluation.table import Recorded, Signal, TableEvaluator

__all__ = [
    "Evaluator",
    "FunctionEvaluator",
    "Recorded",
    "SequentialEvaluator",
    "Signal",
    "TableEvaluator",
    "evaluation_of",
    "failed",
    "failure_of",
]
