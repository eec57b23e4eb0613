"""Evaluators: a proposal in, what came of it out; a failure is a value."""

from deltanas.evaluation.base import Evaluator
from deltanas.evaluation.context import Context
from deltanas.evaluation.crew import Crew, crew_of
from deltanas.evaluation.function import FunctionEvaluator, takes_context
from deltanas.evaluation.futures import FuturesEvaluator
from deltanas.evaluation.outcome import evaluation_of, failed, failure_of
from deltanas.evaluation.processes import ProcessEvaluator
from deltanas.evaluation.ray_evaluator import RayEvaluator
from deltanas.evaluation.sequential import SequentialEvaluator
from deltanas.evaluation.simulated import SimulatedEvaluator
from deltanas.evaluation.table import Recorded, Signal, TableEvaluator
from deltanas.evaluation.trainers import Trainer, evaluated_by, trained_by
from deltanas.evaluation.workplace import Workplace

__all__ = [
    "Context",
    "Crew",
    "Evaluator",
    "FunctionEvaluator",
    "FuturesEvaluator",
    "ProcessEvaluator",
    "RayEvaluator",
    "Recorded",
    "SequentialEvaluator",
    "Signal",
    "SimulatedEvaluator",
    "TableEvaluator",
    "Trainer",
    "Workplace",
    "crew_of",
    "evaluated_by",
    "evaluation_of",
    "failed",
    "failure_of",
    "takes_context",
    "trained_by",
]
