"""`deltanas search my_project.py:space --train my_project.py:train`."""

import shlex
import sys
from pathlib import Path

import pytest

from deltanas.study import Study

PROJECT = """
space = {"depth": [1, 2, 3], "width": [8, 16, 32]}

def train(architecture, context):
    done = context.folder / "done"
    start = int(done.read_text()) if done.exists() else 0
    for epoch in range(start + 1, 4):
        accuracy = 0.1 * epoch + architecture["width"] / 100
        context.report(epoch, accuracy)
        done.write_text(str(epoch))
        if epoch == 2 and (context.folder.parent.parent / "stop").exists():
            raise KeyboardInterrupt
    if architecture["depth"] == 3:
        raise RuntimeError("out of luck")
    return {"accuracy": accuracy, "started": start, "parameters": 10}

def heir(architecture, context):
    (context.folder / "number").write_text(str(context.number))
    donor = -1 if context.donor is None else int((context.donor / "number").read_text())
    return {"accuracy": 0.5, "donor": donor}

def tell(event):
    with open("told.txt", "a") as file:
        file.write(f"{type(event).__name__}\\n")

def robust(architecture):
    width, depth = architecture["width"], architecture["depth"]
    return {"accuracy": width / 40 - depth / 100, "robustness": depth - width / 8}

def error(architecture):
    return -architecture["width"] / 1000 - 0.0123

def per_cent(architecture):
    return 93.1

def nothing(architecture):
    context = 1
"""
SEARCH = ("search", "my_project.py:space", "--train", "my_project.py:train", "--study", "s.db")


@pytest.fixture
def project(run, tmp_path, monkeypatch):
    (tmp_path / "my_project.py").write_text(PROJECT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield run
    sys.modules.pop("my_project", None)


def test_a_failed_training_is_a_failed_trial_and_the_search_goes_on(project, tmp_path):
    result = project(*SEARCH, "--budget", 9, "--method", "random")
    assert result.exit_code == 0, result.output
    trials = Study.open(tmp_path / "s.db").trials
    assert len(trials) == 9
    failed = [trial for trial in trials if trial.accuracy is None]
    assert [trial.architecture["depth"] for trial in failed] == [3, 3, 3]
    assert all("out of luck (my_project.py, line" in trial.evaluation.reason for trial in failed)
    best = Study.open(tmp_path / "s.db").best
    assert best.accuracy == pytest.approx(0.3 + 0.32)
    assert best.evaluation.metrics == {"parameters": 10.0, "started": 0.0}
    assert "accuracy  62.000 % validation" in result.stdout
    assert len(list((tmp_path / "s-trials").iterdir())) == 9


def test_an_objective_that_only_trainings_tell_is_on_the_screen_and_in_the_report(
    project, tmp_path
):
    words = ("search", "my_project.py:space", "--train", "my_project.py:robust", "--study", "s.db")
    words = (*words, "--objectives", "accuracy,robustness:max", "--budget")
    result = project(*words, 9)
    assert result.exit_code == 0, result.output
    # All nine are trained: robustness is depth - width / 8, accuracy width / 40 - depth / 100.
    title = "6 best compromises between accuracy and robustness"
    assert f"{title}:" in result.stdout
    assert result.stdout.splitlines()[-1].endswith("--objectives accuracy,robustness:max")
    rows = [line.split()[1:4:2] for line in result.stdout.splitlines() if " %  " in line]
    assert rows == [
        *(["79.000", "-3"], ["78.000", "-2"], ["77.000", "-1"]),
        *(["38.000", "0"], ["37.000", "1"], ["17.000", "2"]),
    ]
    assert title in (tmp_path / "s-report" / "report.html").read_text("utf-8")
    assert project("report", "s.db", "--out", "later").exit_code == 0
    assert title in (tmp_path / "later" / "report.html").read_text("utf-8")
    undirected = project(*words[:-3], "--objectives", "accuracy,robustness")
    assert undirected.exit_code == 2
    assert "say which side is better: 'robustness:min' or 'robustness:max'" in undirected.stderr


def test_a_limit_that_only_trainings_tell_is_on_the_screen_and_in_the_report(project, tmp_path):
    words = ("search", "my_project.py:space", "--train", "my_project.py:robust", "--study", "s.db")
    result = project(*words, "--limit", "robustness:told>=0", "--budget", 9)
    assert result.exit_code == 0, result.output
    # All nine are trained; depth - width / 8 is below 0 in four of them.
    assert "within    robustness ≥ 0; it has 0" in result.stdout
    assert "accuracy  38.000 % validation" in result.stdout
    assert "told robustness -3, the limit is robustness ≥ 0" in result.stdout
    page = (tmp_path / "s-report" / "report.html").read_text("utf-8")
    assert "robustness ≥ 0; the best has 0" in page
    assert "9 (4 beyond a limit)" in page
    state = project("status", "s.db").stdout
    assert "5 finished, 4 infeasible" in state
    assert "left out  last: training" in state
    assert project("report", "s.db", "--out", "later").exit_code == 0
    assert "the best has 0" in (tmp_path / "later" / "report.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("limit", "code", "words"),
    [
        ("robustness>=0", 2, "If your training returns it, write 'robustness:told'"),
        ("robustness:told>=99", 2, "nothing is within the limits: 9 of 9 proposals"),
        ("robustnes:told>=0", 1, "the metric of a limit 'robustnes' is missing"),
    ],
)
def test_a_told_limit_that_cannot_be_kept_says_why(project, limit, code, words):
    asked = ("search", "my_project.py:space", "--train", "my_project.py:robust", "--study", "s.db")
    result = project(*asked, "--limit", limit, "--budget", 9)
    assert (result.exit_code, words in result.stderr) == (code, True), result.output


def test_a_table_tells_nothing_that_it_has_not_recorded(run):
    result = run("search", "small:table", "--limit", "robustness:told>=0")
    assert result.exit_code == 2
    assert "nothing is trained here; metrics are" in result.stderr


def test_a_callback_and_event_files_hear_of_the_search(project, tmp_path):
    pytest.importorskip("tensorboard")
    words = ("--callback", "my_project.py:tell", "--tensorboard")
    result = project(*SEARCH, "--budget", 2, "--method", "random", *words)
    assert result.exit_code == 0, result.output
    told = (tmp_path / "told.txt").read_text().split()
    assert told == ["Proposed", "Reported", "Reported", "Reported", "Evaluated"] * 2
    assert len(list((tmp_path / "s-tensorboard").glob("*/events.out.*"))) == 2
    assert "--callback my_project.py:tell --tensorboard" in result.stdout.splitlines()[-1]
    refused = project(*SEARCH, "--callback", "my_project.py:tel")
    assert refused.exit_code == 2
    assert "there is no 'tel' in my_project.py; did you mean tell" in refused.output


def test_poor_trainings_are_stopped_and_recorded_accuracies_are_not(project, tmp_path):
    words = ("--min-epochs", 2, "--reduction", 2)
    result = project(*SEARCH, "--budget", 8, *words)
    assert result.exit_code == 0, result.output
    assert "pruned" in result.stdout
    assert "stopped after epoch 2: 0." in result.stdout
    assert "--min-epochs 2 --reduction 2" in result.stdout.splitlines()[-1]
    refused = project("search", "small:table", "--min-epochs", 2)
    assert refused.exit_code == 2
    assert "expected trainings for --min-epochs 2, got small:table" in refused.output


def test_a_training_of_ones_own_finds_what_its_donor_saved(project, tmp_path):
    result = project(*SEARCH[:3], "my_project.py:heir", *SEARCH[4:], "--budget", 4, "--inherit")
    assert result.exit_code == 0, result.output
    trials = Study.open(tmp_path / "s.db").trials
    assert sum(each.proposal.donor is not None for each in trials) >= 1
    for each in trials:
        donor = each.proposal.donor
        assert each.evaluation.metrics["donor"] == (-1 if donor is None else donor.number)
    assert "--inherit" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("small:table", "--inherit"), "expected trainings for --inherit, got small:table"),
        ((*SEARCH[1:3], "my_project.py:per_cent", "--inherit"), "per_cent takes one; weights"),
        ((*SEARCH[1:], "--inherit", "--inherit-epochs", 2), "which counts its epochs itself"),
    ],
)
def test_where_nothing_can_be_inherited_it_is_refused(project, words, message):
    refused = project("search", *words)
    assert refused.exit_code == 2
    assert message in refused.output


@pytest.mark.process
def test_workers_train_in_processes_of_their_own_and_the_command_keeps_them(project, tmp_path):
    result = project(
        *SEARCH, "--budget", 6, "--method", "random", "--workers", 2, "--time-limit", 60
    )
    assert result.exit_code == 0, result.output
    trials = Study.open(tmp_path / "s.db").trials
    assert len(trials) == 6
    for trial in trials:
        failed = trial.architecture["depth"] == 3
        assert (trial.accuracy is None) == failed
        assert not failed or "out of luck (my_project.py, line" in trial.evaluation.reason
    assert "--workers 2 --time-limit 60" in result.stdout.splitlines()[-1]
    refused = project(*SEARCH, "--workers", 0)
    assert refused.exit_code == 2
    assert "expected 1 or more, got 0" in refused.output


def test_a_training_that_was_stopped_goes_on_from_what_it_saved(project, tmp_path):
    (tmp_path / "stop").write_text("")
    stopped = project(*SEARCH, "--budget", 1, "--plain")
    assert stopped.exit_code == 130
    assert Study.open(tmp_path / "s.db").trials[0].evaluation is None
    (tmp_path / "stop").unlink()
    _, *command = shlex.split(stopped.stdout.splitlines()[-1])
    assert project(*command).exit_code == 0
    (trial,) = Study.open(tmp_path / "s.db").trials
    assert trial.evaluation.metrics["started"] == 2
    (folder,) = (tmp_path / "s-trials").iterdir()
    assert len((folder / "epochs.jsonl").read_text().splitlines()) == 3


def test_a_new_study_of_the_same_name_does_not_take_up_old_checkpoints(project, tmp_path):
    project(*SEARCH, "--budget", 1)
    (tmp_path / "s.db").unlink()
    project(*SEARCH, "--budget", 1)
    assert Study.open(tmp_path / "s.db").trials[0].evaluation.metrics["started"] == 0
    assert (tmp_path / "s-trials.1").is_dir()


def test_the_report_of_the_study_can_be_written_again(project, tmp_path):
    project(*SEARCH, "--budget", 3)
    (tmp_path / "s-report" / "report.html").unlink()
    assert project("report", "s.db").exit_code == 0
    assert (tmp_path / "s-report" / "report.html").exists()


def test_a_score_that_is_no_fraction_is_shown_as_it_is_at_every_door(project):
    found = project(*SEARCH[:3], "my_project.py:error", *SEARCH[4:], "--budget", 3)
    assert found.exit_code == 0, found.output
    best = Study.open("s.db").best.accuracy
    shown = f"{best:.6g}"
    assert f"score     {shown} validation" in found.output
    assert f"best      {shown}, training" in project("status", "s.db").output
    assert f", {best:.5g} validation in the search" in project("export", "s.db").output
    card = Path("model/README.md").read_text("utf-8")
    assert f"| validation score | {best:.5g} |" in card


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--train", "my_project.py:per_cent"], 1, "got 93.1; divide per cent by 100"),
        (["--train", "my_project.py:nothing"], 1, "got None; does the function end in `return`?"),
        (["--train", "my_project.py:trian"], 2, "no 'trian' in my_project.py; did you mean train"),
        (["--train", "nope.py:train"], 2, "there is no file nope.py"),
        (["--train", "my_project.py:train", "--device", "tpu"], 2, "got 'tpu'; it is one of"),
        ([], 2, "expected a training function for the space my_project.py:space, got none"),
    ],
)
def test_bad_input_is_told_in_one_line(project, words, code, message):
    result = project("search", "my_project.py:space", *words)
    assert result.exit_code == code
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert result.stderr.count("error: ") == 1


def test_a_gpu_that_is_not_there_is_refused_before_a_study_is_made(project, tmp_path, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    result = project(*SEARCH, "--device", "cuda")
    assert result.exit_code == 1
    assert "expected a GPU for device 'cuda', torch sees none; train on the proc" in result.stderr
    assert not (tmp_path / "s.db").exists()


def test_a_training_function_without_a_space_of_a_file_is_refused(project):
    result = project("search", "small:table", "--train", "my_project.py:train")
    assert result.exit_code == 2
    assert "expected a space from a file beside --train my_project.py:train" in result.stderr


def test_a_study_is_not_continued_with_another_training_function(project):
    project(*SEARCH, "--budget", 2)
    words = [*SEARCH[:3], "my_project.py:per_cent", *SEARCH[4:]]
    result = project(*words, "--budget", 4)
    assert result.exit_code == 2
    assert "made with training by my_project.py:train, got training by" in result.stderr


def test_a_signal_of_recorded_trainings_is_refused_where_networks_are_trained(project):
    result = project(*SEARCH, "--signal", "one-run")
    assert result.exit_code == 2
    assert "expected a benchmark with recorded trainings for --signal one-run" in result.output


def test_rungs_are_refused_for_a_function_that_cannot_report_epochs(project):
    result = project(*SEARCH[:3], "my_project.py:robust", *SEARCH[4:], "--min-epochs", 2)
    assert result.exit_code == 2
    assert "two arguments for successive halving, robust takes one" in result.output
