"""The commands as a user types them: what they print, what they leave, how they fail."""

import re

import pytest
from typer.testing import CliRunner

from deltanas.cli import app as commands
from deltanas.cli.app import app
from deltanas.evaluation import TableEvaluator

CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_1x1~2|"
SEARCH = ("search", "nasbench201:cifar10", "--seed", "3")

pytestmark = pytest.mark.usefixtures("nasbench201_folder")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Every command runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def call(*words):
    """Exit code and output of a command, without colours and line breaks of a terminal."""
    result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def main(monkeypatch, capsys, *words):
    """The same through `main`, which turns errors into messages."""
    monkeypatch.setattr("sys.argv", ["deltanas", *words])
    with pytest.raises(SystemExit) as ended:
        commands.main()
    captured = capsys.readouterr()
    return ended.value.code, " ".join((captured.out + captured.err).split())


def test_a_search_finds_stores_reports_and_says_how_to_go_on(tmp_path):
    code, output = call(*SEARCH, "--budget", "8", "--study", "new/s.db")
    assert code == 0
    assert re.search(r"best +\|\w+~0\|\+\|", output)
    assert re.search(r"rank +[\d,]+ of 15,625", output)
    assert "deltanas search nasbench201:cifar10 --budget 48 --seed 3 --study new/s.db" in output
    page = (tmp_path / "new/s-report/report.html").read_text(encoding="utf-8")
    assert "delta-evolution" in page
    assert not re.search(r'(src|href)="?https?:', page), "the page asks the network for something"
    assert {path.suffix for path in (tmp_path / "new/s-report").iterdir()} == {
        ".html",
        ".png",
        ".svg",
    }


def test_the_same_command_again_has_nothing_to_do_and_a_larger_budget_goes_on():
    call(*SEARCH, "--budget", "6", "--study", "s.db")
    _, again = call(*SEARCH, "--budget", "6", "--study", "s.db")
    assert "Nothing left to do: the study holds 6 trials" in again
    _, more = call(*SEARCH, "--budget", "8", "--study", "s.db", "--plain")
    numbers = [int(found) for found in re.findall(r"^(\d+)  ", more, flags=re.MULTILINE)]
    assert numbers == [6, 7]


def test_a_report_is_written_again(tmp_path):
    call(*SEARCH, "--budget", "6", "--study", "s.db")
    code, output = call("report", "s.db", "--out", "elsewhere")
    assert code == 0
    assert "elsewhere/report.html" in output
    assert (tmp_path / "elsewhere/report.html").exists()


def test_lists_name_what_there_is():
    assert "nasbench201:cifar100" in call("benchmarks")[1]
    assert "15,625" in call("spaces")[1]
    assert "local-search" in call("methods")[1]


def test_show_draws_a_cell_and_its_neighbours_in_order():
    _, output = call("show", "nasbench201:cifar10", CELL)
    assert "1 ╌╌none╌╌▶ 2  (dead" in output
    changes = [float(found) for found in re.findall(r"([+-]\d+\.\d{3})\s*$", output, re.MULTILINE)]
    assert len(changes) > 15
    assert changes == sorted(changes, reverse=True)


def test_bad_input_is_one_message_and_exit_code_2(monkeypatch, capsys, tmp_path):
    call(*SEARCH, "--budget", "5", "--study", "s.db")
    (tmp_path / "text.db").write_text("this is no database, whatever its name says")
    doors = {
        ("search", "nasbench201:cifar1"): "did you mean 'cifar10'",
        ("search", "nasbench210:cifar10"): "did you mean 'nasbench201'",
        (*SEARCH, "--budget", "0"): "must be 1 or more, got 0",
        (*SEARCH, "--method", "dleta"): "did you mean delta-evolution",
        (*SEARCH, "--signal", "both"): "must be mean or one-run, got 'both'",
        ("search", "nasbench201:cifar10", "--seed", "4", "--study", "s.db"): "seed",
        (*SEARCH, "--study", "text.db"): "not a database",
        (*SEARCH, "--study", "text.db/s.db"): "cannot make the folder",
        ("report", "none.db"): "there is no study",
        ("show", "nasbench201:cifar10", "|conv~0|"): "expected a cell like",
    }
    for words, message in doors.items():
        code, output = main(monkeypatch, capsys, *words)
        assert code == commands.BAD_INPUT, words
        assert message in output, words
        assert "Traceback" not in output
    assert (tmp_path / "text.db").read_text().startswith("this is no database")


def test_a_budget_that_is_no_number_is_refused():
    code, output = call(*SEARCH, "--budget", "many")
    assert code == commands.BAD_INPUT
    assert "--budget" in output


def test_ctrl_c_saves_and_says_how_to_go_on(monkeypatch):
    lookup = TableEvaluator.evaluate

    def interrupted(self, proposal):
        if proposal.number == 5:
            raise KeyboardInterrupt
        return lookup(self, proposal)

    monkeypatch.setattr(TableEvaluator, "evaluate", interrupted)
    code, output = call(*SEARCH, "--budget", "9", "--study", "s.db")
    assert code == commands.INTERRUPTED
    assert "--budget 9 --seed 3 --study s.db" in output
    monkeypatch.setattr(TableEvaluator, "evaluate", lookup)
    _, output = call(*SEARCH, "--budget", "9", "--study", "s.db", "--plain")
    numbers = [int(found) for found in re.findall(r"^(\d+)  ", output, flags=re.MULTILINE)]
    assert numbers == [5, 6, 7, 8]
