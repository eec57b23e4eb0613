"""DoA predictors: from evaluated pairs to predicted differences with a spread.

`NeuralDelta` is not re-exported here, because it imports torch.
"""

from deltanas.predictor.base import DeltaPredictor, Prediction
from deltanas.predictor.gaussian import GaussianDelta

__all__ = ["DeltaPredictor", "GaussianDelta", "Prediction"]
