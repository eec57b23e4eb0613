"""Searchers: from everything evaluated so far to what to evaluate next."""

from deltanas.search.base import Choice, Searcher, evaluated, random_unseen
from deltanas.search.delta_evolution import DeltaEvolution
from deltanas.search.fronts import hypervolume, on_front
from deltanas.search.local_search import LocalSearch
from deltanas.search.methods import METHODS, Method, describe, make, names
from deltanas.search.pareto_evolution import ParetoEvolution
from deltanas.search.random_search import RandomSearch
from deltanas.search.regularized_evolution import RegularizedEvolution
from deltanas.search.trial_costs import costs_of_trials

__all__ = [
    "METHODS",
    "Choice",
    "DeltaEvolution",
    "LocalSearch",
    "Method",
    "ParetoEvolution",
    "RandomSearch",
    "RegularizedEvolution",
    "Searcher",
    "costs_of_trials",
    "describe",
    "evaluated",
    "hypervolume",
    "make",
    "names",
    "on_front",
    "random_unseen",
]
