"""DoA predictors: from evaluated pairs to predicted differences with a spread.

`NeuralDelta` is not re-exported here, because it imports torch: import it from
`deltanas.predictor.neural`.
"""

from deltanas.predictor.additive import AdditiveDelta
from deltanas.predictor.always_zero import AlwaysZero
from deltanas.predictor.base import Advisor, DeltaPredictor, Prediction
from deltanas.predictor.gaussian import GaussianDelta
from deltanas.predictor.mean_per_edit import MeanPerEdit
from deltanas.predictor.metrics import Calibration, calibration, kendall_tau, sign_agreement

__all__ = [
    "AdditiveDelta",
    "Advisor",
    "AlwaysZero",
    "Calibration",
    "DeltaPredictor",
    "GaussianDelta",
    "MeanPerEdit",
    "Prediction",
    "calibration",
    "kendall_tau",
    "sign_agreement",
]
