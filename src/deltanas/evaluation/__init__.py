"""Evaluators: a proposal in, what came of it out; a failure is a value."""

from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.context import Context
from deltanas.evaluation.function import FunctionEvaluator, takes_context
from deltanas.evaluation.outcome import evaluation_of, failed, failure_of
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.evaluation.table import Recorded, Signal, TableEvaluator
from deltanas.evaluation.workplace import Workplace

__all__ = [
    "Context",
    "Evaluator",
    "FunctionEvaluator",
    "Recorded",
    "SequentialEvaluator",
    "Signal",
    "TableEvaluator",
    "Workplace",
    "evaluation_of",
    "failed",
    "failure_of",
    "takes_context",
]
