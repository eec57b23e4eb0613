import io

import pytest
from rich.console import Console

from deltanas.cli.live import SHOWN, Screen
from deltanas.records import Evaluation, Proposal, Status, Trial
from deltanas.spaces import BlockSpace, edits_between
from deltanas.study import Evaluated, Proposed, Reported, Study

BUDGET = 30


@pytest.fixture
def space():
    return BlockSpace({"[b]width[/b]": tuple(range(20)), "act\x1b[2J": ("[red]a", "b")})


@pytest.fixture
def screen(space):
    return Screen(Study(space).record, BUDGET, "title [x]", lines=True)


def proposal(space, number, code, parent=None):
    child = space.from_codes(_codes(code))[0]
    if parent is None:
        return Proposal(number, child)
    edits = edits_between(space.decisions, parent.architecture.code, child.code)
    return Proposal(number, child, parent.number, edits, 0.0123, 0.0045)


def evaluated(screen, each, accuracy, best, reason=None):
    screen.watch(Proposed(each, BUDGET))
    status = Status.FAILED if accuracy is None else Status.FINISHED
    trial = Trial(each, Evaluation(each.number, status, accuracy, reason=reason))
    best = trial if best is None and accuracy is not None else best
    screen.watch(Evaluated(trial, best, each.number + 1, BUDGET))
    return trial


def drawn(screen, width=120):
    console = Console(width=width, record=True, force_terminal=False, file=io.StringIO())
    console.print(screen.screen())
    return console.export_text()


def test_a_line_tells_number_accuracy_best_and_the_edit(screen, space, capsys):
    first = evaluated(screen, proposal(space, 0, (3, 0)), 0.61234, None)
    second = proposal(space, 1, (4, 0), first)
    evaluated(screen, second, 0.62, None)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["1/30", "#0", "61.234", "best", "61.234", "random", "start"]
    assert lines[1].endswith("#0 [b]width[/b]: 3 → 4  predicted +1.23 ± 0.45  measured +0.77")


def test_a_failure_shows_its_reason_and_steers_nothing(screen, space, capsys):
    evaluated(screen, proposal(space, 0, (3, 0)), None, None, reason="\x1b[2J[bold]out of memory")
    line = capsys.readouterr().out
    assert "failed" in line
    assert "[bold]out of memory" in line
    assert "\x1b" not in line


def test_the_screen_shows_progress_best_and_the_last_proposals(screen, space):
    best = None
    for number in range(12):
        trial = evaluated(screen, proposal(space, number, (number, 1)), 0.5 + number / 100, best)
        best = trial
    text = drawn(screen)
    assert "12 of 30 evaluations" in text
    assert "title [x]" in text
    assert "s per proposal" in text
    assert "60.000 %" in text
    shown = [number for number in range(12) if f"{50 + number}.000 │" in text]
    assert shown == list(range(12 - SHOWN // 2, 12)) or shown == list(range(12 - SHOWN, 12))
    assert "\x1b" not in text


def test_a_proposal_under_way_is_there_without_an_accuracy(screen, space):
    first = evaluated(screen, proposal(space, 0, (3, 0)), 0.6, None)
    screen.watch(Proposed(proposal(space, 1, (9, 0), first), BUDGET))
    row = next(line for line in drawn(screen).splitlines() if "3 → 9" in line)
    assert "+1.23 ± 0.45" in row
    assert "1 of 30" in drawn(screen)


def test_a_training_under_way_shows_its_last_epoch_until_it_ends(screen, space):
    each = proposal(space, 0, (3, 0))
    screen.watch(Proposed(each, BUDGET))
    for epoch in (1, 2):
        screen.watch(Reported(each, epoch, 0.25 * epoch, {"loss": 1.0}))
    assert "epoch 2: 50.0" in drawn(screen)
    evaluated(screen, each, 0.6, None)
    assert "epoch" not in drawn(screen)
    assert "60.000" in drawn(screen)


@pytest.mark.parametrize("width", [40, 80, 200])
def test_any_width_will_do(screen, space, width):
    evaluated(screen, proposal(space, 0, (3, 0)), 0.6, None)
    assert max(map(len, drawn(screen, width).splitlines())) <= width


def test_before_the_first_evaluation_there_is_no_best(screen):
    assert "none yet" in drawn(screen)


def _codes(code):
    import numpy as np  # noqa: PLC0415

    return np.array([code], dtype=np.int32)


def test_a_score_that_is_no_fraction_is_shown_as_it_is(screen, space, capsys):
    evaluated(screen, proposal(space, 0, (0, 0)), -0.0123, None)
    assert "-0.0123" in capsys.readouterr().out
    rendered = drawn(screen)
    assert "-0.0123" in rendered
    assert "%" not in rendered
