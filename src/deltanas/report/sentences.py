"""What the numbers say, in words: titles of figures, and the lines at the end of a search."""

from deltanas.limits import LimitedSpace, Quantity, told_limits
from deltanas.report.summary import Estimated, Standing, Summary
from deltanas.scale import PER_CENT
from deltanas.search import costs_of_trials

FEWEST_CHANGES = 3
"""Fewer predicted changes than this make neither a figure nor a sentence."""
SAME = 1e-9
"""Accuracies that differ by less are equal: a model's last digits depend on the machine."""


def title(summary: Summary) -> str:
    """What was found, in one line."""
    return f"{summary.scale.shown(summary.best_accuracy)} after {_evaluations(summary.ended)}"


def rank_words(standing: Standing) -> str:
    """Place and distance to the optimum."""
    place = f"rank {standing.rank:,} of {standing.size:,}"
    if standing.regret <= 0:
        return f"{place}: the optimum of the table"
    return f"{place}, {100 * standing.regret:.2f} points below the optimum"


def known_words(estimated: Estimated) -> str:
    """Distance to the best known, where nobody knows the optimum."""
    best = f"the best known, {PER_CENT.shown(estimated.best_known, 3)}"
    if abs(estimated.regret) < SAME:
        return best
    side = "below" if estimated.regret > 0 else "above"
    return f"{100 * abs(estimated.regret):.2f} points {side} {best}"


def sample_words(estimated: Estimated) -> str:
    """Place among random architectures."""
    if estimated.beaten == estimated.sample:
        return f"better than all of {estimated.sample:,} random architectures"
    share = 100 * estimated.beaten / estimated.sample
    return f"better than {share:.2f} % of {estimated.sample:,} random architectures"


def saved_words(summary: Summary) -> str | None:
    """How many trainings random search would have needed; None without a benchmark."""
    own, estimated = summary.found_after, summary.estimated
    known = summary.standing or estimated
    if known is None:
        return None
    if known.random_draws is None:
        return f"found after {_evaluations(own)}; random search needs far more"
    draws = round(known.random_draws)
    start = (
        f"found after {_evaluations(own)}; random search needs {draws:,} (median) for one as good"
    )
    if draws <= own or summary.best.proposal.parent is None:
        return start  # a random start is luck, nothing that the method saved
    return f"{start}: {draws - own:,} training{'' if draws - own == 1 else 's'} saved"


def limit_words(summary: Summary) -> list[tuple[str, str]]:
    """Each limit of the study, and the value of the best architecture where it is known."""
    space, told = summary.subject.space, told_limits(summary.subject.limits)
    if isinstance(space, LimitedSpace):
        unread, read, metrics = [], [*space.limits, *told], space.metrics
    else:
        stored = {each.words for each in told}
        unread = [(each, "") for each in summary.subject.limits if each not in stored]
        read, metrics = list(told), None
    names = [each.metric for each in read]
    costs = costs_of_trials([summary.best], names, metrics)[0].tolist()
    return unread + [
        (each.shown, Quantity.of(each.metric).shown(cost))
        for each, cost in zip(read, costs, strict=True)
    ]


def convergence_title(summary: Summary) -> str:
    """What the curves show."""
    text = title(summary)
    text = f"{summary.subject.method} reached {text}"
    if summary.standing is not None and summary.subject.signal == "mean":
        if summary.standing.regret <= 0:
            return f"{text}: the best of all {summary.standing.size:,}"
        return f"{text}: rank {summary.standing.rank:,} of {summary.standing.size:,}"
    if summary.estimated is not None:
        return f"{text}: {known_words(summary.estimated).partition(',')[0]}"
    return text


def changes_title(summary: Summary) -> str:
    """How often the predicted direction was right."""
    changes = summary.changes
    agreement = changes.sign_agreement
    if agreement is None:
        return f"None of {len(changes)} proposals changed the {summary.scale.name}"
    moved = int(changes.moved.sum())
    return f"The direction was predicted right for {100 * agreement:.0f} % of {moved} proposals"


def changes_words(summary: Summary) -> str:
    """Size of the error, rank correlation and calibration, as a sentence."""
    changes = summary.changes
    parts = []
    if changes.mean_error is not None:
        scale = summary.scale
        parts.append(f"mean error {scale.size(changes.mean_error)}{scale.points}")
    if changes.kendall_tau is not None:
        parts.append(f"Kendall's tau {changes.kendall_tau:.2f}")
    one, two = changes.within(1.0), changes.within(2.0)
    if one is not None and two is not None:
        parts.append(
            f"{100 * one:.0f} % of the measured changes lie within one spread (68 % expected) "
            f"and {100 * two:.0f} % within two (95 % expected)"
        )
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}."


def effects_title(summary: Summary) -> str:
    """The edit that surely helped most, if there is one."""
    clear = [
        effect
        for effect in summary.effects.edits
        if effect.is_clear and effect.half_width is not None
    ]
    if not clear:
        return "No kind of edit clearly helped: too few similar pairs yet"
    best = max(clear, key=lambda effect: effect.mean - (effect.half_width or 0.0))
    scale = summary.scale
    return f"{best.words} helped most clearly: {scale.change(best.mean)}{scale.points} on average"


def _evaluations(count: int) -> str:
    return f"{count:,} evaluation{'' if count == 1 else 's'}"
