"""DoA predictors: from evaluated pairs to predicted differences with a spread.

`NeuralDelta` and `GraphDelta` are not re-exported here, because they import torch: import them
from `deltanas.predictor.neural` and `deltanas.predictor.graph_neural`.
"""

from deltanas.predictor.additive import AdditiveDelta
from deltanas.predictor.always_zero import AlwaysZero
from deltanas.predictor.base import Advisor, DeltaPredictor, Prediction
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.predictor.mean_per_edit import MeanPerEdit
from deltanas.predictor.metrics import Calibration, calibration, kendall_tau, sign_agreement
from deltanas.predictor.relatives import Relatives

__all__ = [
    "AdditiveDelta",
    "Advisor",
    "AlwaysZero",
    "Calibration",
    "DeltaPredictor",
    "GaussianDelta",
    "MeanPerEdit",
    "Prediction",
    "Relatives",
    "calibration",
    "kendall_tau",
    "sign_agreement",
]
