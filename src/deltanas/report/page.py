"""The page of a report: one HTML file that needs nothing else and asks nothing of a network.

Whatever comes from outside (names, options, reasons) is escaped; a policy in the head
forbids scripts and requests even so.
"""

import html
import importlib.metadata
import re
from collections.abc import Iterable, Sequence

from deltanas.records import Status, Trial
from deltanas.report import sentences
from deltanas.report.answers import Model
from deltanas.report.cells import cell_of
from deltanas.report.figure_set import Picture
from deltanas.report.page_style import CSS
from deltanas.report.summary import Summary
from deltanas.scale import Scale
from deltanas.study.source import edit_words
from deltanas.texts import one_line

SHOWN = 10
"""Rows of the tables of trials."""
NARROW = 7
"""Figures up to so many inches do not fill the width of the page."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""Styles of its own; no scripts, no requests."""


def page(summary: Summary, svgs: Sequence[tuple[Picture, str]]) -> str:
    """The whole report as HTML.

    Args:
        summary: The numbers.
        svgs: Each figure, and its drawing as an SVG document.
    """
    subject = summary.subject
    figures = "\n".join(_figure(picture, svg) for picture, svg in svgs)
    body = f"""<header>
<p class="kind">deltanas report</p>
<h1>{escaped(subject.name)}: {escaped(sentences.title(summary))}</h1>
{_tiles(summary)}
{_warning(summary)}<p class="label">best architecture</p>
<p class="best"><code>{escaped(subject.space.write(summary.best.architecture))}</code></p>
</header>
{_choices(summary)}
{figures}
{_compromises(summary)}
{_ranking(summary)}
{_failures(summary)}
{_origin(summary)}"""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escaped(subject.name)} - deltanas report</title>
<style>{CSS}</style>
</head>
<body>
{body}
</body>
</html>
"""


def escaped(text: object) -> str:
    """Any value as harmless text of a page."""
    return html.escape(one_line(text))


def _tiles(summary: Summary) -> str:
    """The numbers that matter most."""
    scale, standing, estimated = summary.scale, summary.standing, summary.estimated
    counts = {"failed": summary.failed, "beyond a limit": summary.beyond}
    lost = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
    evaluations = f"{summary.ended:,}" + (f" ({lost})" if lost else "")
    tiles = [(f"{summary.subject.split} {scale.name}", scale.shown(summary.best_accuracy))]
    if standing is not None:
        if summary.subject.signal != "mean":
            tiles.append(("mean of its trainings", scale.shown(standing.accuracy)))
        tiles.append(("rank in the table", f"{standing.rank:,} of {standing.size:,}"))
        tiles.append(("below the optimum", f"{scale.size(standing.regret)} points"))
        if standing.test_accuracy is not None:
            tiles.append(("test accuracy of it", scale.shown(standing.test_accuracy)))
    if estimated is not None:
        side = "below" if estimated.regret > -sentences.SAME else "above"
        tiles.append((f"{side} the best known", f"{scale.size(abs(estimated.regret))} points"))
        shown = f"{estimated.beaten:,} of {estimated.sample:,}"
        tiles.append(("random ones that are worse", shown))
    tiles += [("evaluations", evaluations), ("best one found after", f"{summary.found_after:,}")]
    if standing is not None:
        tiles.append(("random search would need", f"{standing.random_draws:,.0f}"))
    cells = "".join(f"<div><dt>{escaped(n)}</dt><dd>{escaped(v)}</dd></div>" for n, v in tiles)
    return f"<dl>{cells}</dl>"


def _warning(summary: Summary) -> str:
    """That accuracies of different training functions stand side by side."""
    words = edit_words(summary.subject.edits)
    return f'<p class="warning">Warning: {escaped(words)}.</p>\n' if words else ""


def _choices(summary: Summary) -> str:
    """The best architecture decision by decision, where there is no cell to draw."""
    best = summary.best.architecture
    if cell_of(summary.subject.space, best) is not None:
        return ""
    rows = [
        (decision.name, decision.labels[position])
        for decision, position in zip(best.decisions, best.code, strict=True)
        if decision.name in best
    ]
    return _table("The best architecture", ("decision", "choice"), rows)


def _figure(picture: Picture, svg: str) -> str:
    drawing = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    kind = "wide" if picture.figure.get_figwidth() > NARROW else "narrow"
    attributes = f'class="{kind}" role="img" aria-label="{escaped(picture.title)}"'
    named = drawing.replace("<svg", f"<svg {attributes}", 1)
    caption = escaped(picture.caption)
    return f'<figure><div class="scroll">{named}</div><figcaption>{caption}</figcaption></figure>'


def _ranking(summary: Summary) -> str:
    finished = sorted(
        summary.subject.history.finished, key=lambda trial: (-(trial.accuracy or 0.0), trial.number)
    )
    known = {trial.number: trial.accuracy for trial in finished}
    heads = ("#", summary.scale.heading, "from", "edit", "predicted change", "measured change")
    rows = [_trial_row(trial, known, summary.scale) for trial in finished[:SHOWN]]
    return _table(f"The {len(rows)} best evaluations", heads, rows)


def _trial_row(trial: Trial, known: dict[int, float | None], scale: Scale) -> tuple[str, ...]:
    proposal = trial.proposal
    before = None if proposal.parent is None else known.get(proposal.parent)
    predicted = measured = ""
    if proposal.predicted_delta is not None:
        predicted = scale.change(proposal.predicted_delta)
        if proposal.spread is not None:
            predicted += f" ± {scale.size(proposal.spread)}"
    if before is not None and trial.accuracy is not None:
        measured = scale.change(trial.accuracy - before)
    return (
        str(trial.number),
        scale.bare(trial.accuracy or 0.0, 3),
        "" if proposal.parent is None else f"#{proposal.parent}",
        "; ".join(edit.words for edit in proposal.edits) or "random",
        predicted,
        measured,
    )


def _compromises(summary: Summary) -> str:
    """The best compromises, where there are several objectives."""
    found = summary.front
    if found is None:
        return ""
    rows = [
        (
            trial.number,
            summary.scale.bare(trial.accuracy or 0.0, 3),
            *costs,
            summary.subject.space.write(trial.architecture),
        )
        for trial, costs in found.rows
    ]
    return _table(found.title, ("#", summary.scale.heading, *found.names, "architecture"), rows)


def _failures(summary: Summary) -> str:
    failed = [
        (trial.number, trial.evaluation.status.value, trial.evaluation.reason or "")
        for trial in summary.subject.history.trials
        if trial.evaluation is not None and trial.evaluation.status is not Status.FINISHED
    ]
    if not failed:
        return ""
    title = f"{len(failed)} evaluations without a result"
    title += f"; the first {SHOWN}" if len(failed) > SHOWN else ""
    return _table(title, ("#", "status", "reason"), failed[:SHOWN])


def _origin(summary: Summary) -> str:
    """Everything that is needed to make this report again."""
    subject = summary.subject
    rows = [
        ("made by", f"deltanas {_version()}"),
        ("space", f"{subject.space.name}, {subject.space.size:,} architectures"),
        ("method", f"{subject.method}, seed {subject.seed}"),
    ]
    rows += [
        ("limit", f"{limit}; the best has {value}" if value else limit)
        for limit, value in sentences.limit_words(summary)
    ]
    if subject.objectives:
        rows.append(("objectives", subject.objectives.replace(",", ", ")))
    if subject.training:
        rows.append(("accuracies", subject.training))
    if subject.table is not None:
        rows.append(("accuracies", f"{subject.table.name}, signal: {subject.signal}"))
        rows.append(("source", subject.table.citation))
        if isinstance(subject.table, Model):
            rows.append(("computed by a model", subject.table.error))
    if subject.command:
        rows.append(("made again with", subject.command))
    lines = "".join(f"<tr><th>{escaped(n)}</th><td>{escaped(v)}</td></tr>" for n, v in rows)
    return f"<footer><h2>Where this comes from</h2><table>{lines}</table></footer>"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{escaped(name)}</th>" for name in heads)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{escaped(value)}</td>" for value in row) + "</tr>" for row in rows
    )
    return (
        f'<section><h2>{escaped(title)}</h2><div class="scroll"><table class="rows">'
        f"<thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div></section>"
    )


def _version() -> str:
    try:
        return importlib.metadata.version("deltanas")
    except importlib.metadata.PackageNotFoundError:
        return "(not installed)"
