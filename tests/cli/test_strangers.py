"""What a stranger types: one line of ours, exit code 2, and no traceback."""

import re

import pytest

DOORS = [
    ("search small:table --study ://", 1, "is no database URL"),
    (
        "search small:table --study postgresql://me:S3CRET@127.0.0.1:1/x",
        1,
        "failed|is not installed",
    ),
    ("search x --epochs 0", 2, "expected 1 or more, got 0"),
    ("search small:table --device tpu --train a.py:f", 2, "expected a space from a file"),
    ("status x.db --budget -5", 2, "expected 1 or more, got -5"),
    ("compare --workers 0", 2, "expected 1 or more, got 0"),
    ("compare --seeds x", 2, "expected a whole number, got 'x'"),
    ("compare --budget -1", 2, "expected 1 or more, got -1"),
    ("compare --methods random --against nope", 2, "against a method that takes part, got 'nope'"),
    ("compare --methods gp:where", 2, "expected settings as 'name:setting=value', got 'where'"),
    ("compare --methods gp:where=nope", 2, "expected where as one of neighbours, space, got 'no"),
    ("data fetch nasbench101-validation --mirror https://[::1 --sha256 a", 1, "come by https"),
    ("show nope x", 2, "there is no space or benchmark 'nope'"),
    ("space nope.yaml", 2, "cannot be read"),
    ("export nope.db --build x", 1, "there is no study"),
]


@pytest.mark.parametrize(("typed", "code", "words"), DOORS)
def test_wrong_input_is_told_in_one_line(run, typed, code, words):
    result = run(*typed.split())
    assert result.exit_code in (code, 2), result.output

    assert re.search(words, " ".join(re.sub("[│╭╰─╮╯]", " ", result.output).split()))
    assert "S3CRET" not in result.output
    assert "Traceback" not in result.output


def test_names_that_steer_do_nothing_on_the_screen(run, tmp_path):
    (tmp_path / "my.py").write_text(
        'import deltanas as dn\n'
        'space = dn.BlockSpace({"[red]act\\x1b[31m": ["a\\u202e", "[bold]b"], "d": [1, 2]})\n'
        'def train(architecture):\n'
        '    if architecture["d"] == 2:\n'
        '        raise ValueError("\\x1b[2J[bold]boo\\n\\u202enext")\n'
        '    return 0.5\n',
        "utf-8",
    )  # fmt: skip
    result = run("search", "my.py:space", "--train", "my.py:train", "--budget", "9", "--study", "s")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    assert "[red]act" in result.output
    # All four are evaluated: a larger budget would find nothing more.
    assert "continue" not in result.output
    page = (tmp_path / "s_report" / "report.html").read_text("utf-8")
    assert "\u202e" not in page
