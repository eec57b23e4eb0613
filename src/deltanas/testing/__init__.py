"""Contract tests to inherit: they check that your own parts keep what the others rely on.

They need pytest to run them and nothing else.
"""

from deltanas.testing.benchmarks import BenchmarkContract
from deltanas.testing.encodings import EncodingContract
from deltanas.testing.evaluators import EvaluatorContract
from deltanas.testing.predictors import PredictorContract
from deltanas.testing.searchers import SearcherContract
from deltanas.testing.spaces import SpaceContract
from deltanas.testing.surrogates import SurrogateContract

__all__ = [
    "BenchmarkContract",
    "EncodingContract",
    "EvaluatorContract",
    "PredictorContract",
    "SearcherContract",
    "SpaceContract",
    "SurrogateContract",
]
