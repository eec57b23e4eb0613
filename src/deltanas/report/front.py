"""The best compromises of a study with several objectives: numbers, and their picture."""

import itertools
from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Float
from matplotlib.figure import Figure

from deltanas.limits import Metrics, Objective, Quantity
from deltanas.records import History, Trial
from deltanas.report.style import OURS, PLAIN, headline, new_figure, thinning
from deltanas.scale import PER_CENT, Scale
from deltanas.search import costs_of_trials, on_front


@final
@dataclass(frozen=True, eq=False)
class Front:
    """Accuracy and costs of the finished trials, and which of them nothing dominates."""

    trials: tuple[Trial, ...]
    """Finished trials of which all objectives are known, by number."""
    objectives: tuple[Objective, ...]
    """The objectives beside accuracy."""
    costs: Float[np.ndarray, "trials costs"]
    """Costs of each trial, in the units of their metrics."""
    is_best: Bool[np.ndarray, " trials"]
    """Whether no other trial is as good in everything and better in one."""
    scale: Scale = PER_CENT
    """How accuracies are shown."""

    @property
    def rows(self) -> list[tuple[Trial, tuple[str, ...]]]:
        """The best compromises and their costs as people read them, the most accurate first."""
        quantities = [Quantity.of(each.metric) for each in self.objectives]
        found = [
            (trial, tuple(q.shown(float(c)) for q, c in zip(quantities, costs, strict=True)))
            for trial, costs, best in zip(self.trials, self.costs, self.is_best, strict=True)
            if best
        ]
        return sorted(found, key=lambda row: (-(row[0].accuracy or 0.0), row[0].number))

    @property
    def names(self) -> tuple[str, ...]:
        """What the costs are, without units."""
        return tuple(Quantity.of(each.metric).name for each in self.objectives)

    @property
    def title(self) -> str:
        """How many there are, in words."""
        count = int(self.is_best.sum())
        what = f"{count} best compromise{'' if count == 1 else 's'}"
        return f"{what} between {self.scale.name} and {' and '.join(self.names)}"


def front(
    history: History, objectives: str, metrics: Metrics | None, scale: Scale = PER_CENT
) -> Front | None:
    """The compromises of a study.

    Args:
        history: Its trials.
        objectives: Names with commas, `accuracy` first; empty for one objective.
        metrics: Where costs come from; None where nobody knows them any more.
        scale: How accuracies are shown.
    """
    others = tuple(Objective.of(o) for o in objectives.split(",") if o not in ("", "accuracy"))
    costs = costs_of_trials(history.finished, [each.metric for each in others], metrics)
    known = ~np.isnan(costs).any(axis=1)
    if not others or not known.any():
        return None
    trials = tuple(itertools.compress(history.finished, known))
    accuracies = np.array([trial.accuracy for trial in trials], dtype=float)
    is_best = on_front(accuracies, costs[known] * [each.sign for each in others])
    return Front(trials, others, costs[known], is_best, scale)


def front_figure(found: Front) -> Figure:
    """Accuracy over the first other objective: trials are dots, compromises joined by steps."""
    figure = new_figure(6.4, 4.6)
    headline(figure, found.title)
    axes = figure.add_subplot()
    accuracy = found.scale.factor * np.array(
        [trial.accuracy for trial in found.trials], dtype=float
    )
    cost, best = found.costs[:, 0], found.is_best
    others = np.flatnonzero(~best)[:: thinning(int(np.sum(~best)))]
    axes.plot(cost[others], accuracy[others], "o", ms=4, color=PLAIN, alpha=0.45, label="others")
    order = np.lexsort((accuracy[best], cost[best]))
    x, y = cost[best][order], accuracy[best][order]
    axes.plot(x, y, "o", ms=6, color=OURS, label="best compromises")
    first = found.objectives[0]
    if len(found.objectives) == 1:
        axes.step(x, y, where="pre" if first.is_high else "post", color=OURS, lw=1.4)
    quantity = Quantity.of(first.metric)
    unit = {"M": "millions", "G": "milliards", "K": "thousands"}.get(quantity.unit, quantity.unit)
    axes.set_xlabel(f"{quantity.name} ({unit})" if unit else quantity.name)
    axes.set_ylabel(found.scale.axis)
    low = np.quantile(accuracy, 0.1) if len(accuracy) > len(x) else y.min()
    span = float(y.max() - min(low, y.min())) or 1e-3
    axes.set_ylim(float(min(low, y.min())) - 0.05 * span, float(y.max()) + 0.08 * span)
    axes.legend(loc="lower left" if first.is_high else "lower right", frameon=False)
    return figure
