import pytest
import typer

from deltanas.cli.terminal import answering, say, table
from deltanas.errors import (
    BudgetError,
    DataError,
    DeltaNasError,
    ReportError,
    StudyError,
    StudyLockedError,
    StudyMismatchError,
    UnknownNameError,
)
from deltanas.seeds import SeedError
from deltanas.texts import one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain → text", "plain → text"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("title\x1b]0;owned\x07 set", "title set"),
        ("two\nlines\tand\rmore", "two lines and more"),
        ("\x9b2Jgone", "2Jgone"),
        ("left\u202eright", "left right"),
        ("[bold]markup[/] stays", "[bold]markup[/] stays"),
        (12, "12"),
    ],
)
def test_nothing_that_steers_a_terminal_is_left(text, shown):
    assert one_line(text) == shown


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BudgetError("x"), 2),
        (SeedError("x"), 2),
        (UnknownNameError("x"), 2),
        (StudyMismatchError("x"), 2),
        (StudyError("x"), 1),
        (StudyLockedError("x"), 1),
        (DataError("x"), 1),
        (ReportError("x"), 1),
        (DeltaNasError("x"), 1),
    ],
)
def test_what_was_typed_wrong_exits_2_and_what_is_in_the_way_exits_1(error, code, capsys):
    with pytest.raises(typer.Exit) as ending, answering():
        raise error
    assert ending.value.exit_code == code
    assert capsys.readouterr().err == "error: x\n"


def test_a_message_from_outside_is_shown_as_it_is_without_markup_or_colour(capsys):
    with pytest.raises(typer.Exit), answering():
        raise StudyError("[red]no[/red] \x1b[2Jfile [link=x]y[/link]")
    assert capsys.readouterr().err == "error: [red]no[/red] file [link=x]y[/link]\n"


def test_a_mistake_of_our_own_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError), answering():
        raise ZeroDivisionError


def test_ctrl_c_says_how_to_go_on(capsys):
    with pytest.raises(typer.Exit) as ending, answering(("saved", "  command")):
        raise KeyboardInterrupt
    assert ending.value.exit_code == 130
    assert capsys.readouterr().out == "saved\n  command\n"


def test_a_long_line_is_not_broken(capsys):
    say(("name ", "bold"), "word " * 60)
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_a_table_shows_values_as_they_are(capsys):
    table(("name", "size"), [("[b]x[/b]", 5), ("y\x1b[1m", 1234)], numbers=("size",))
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines == ["name      size", "[b]x[/b]     5", "y         1234"]
