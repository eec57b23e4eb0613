"""Scores of untrained networks, from the papers, and how they become features of a space."""

from deltanas.scores.features import SCORES, NetworkScores, checked_scores, with_scores
from deltanas.scores.gradients import gradient_norm, jacobian_covariance
from deltanas.scores.naswot import naswot
from deltanas.scores.synflow import synflow

__all__ = [
    "SCORES",
    "NetworkScores",
    "checked_scores",
    "gradient_norm",
    "jacobian_covariance",
    "naswot",
    "synflow",
    "with_scores",
]
