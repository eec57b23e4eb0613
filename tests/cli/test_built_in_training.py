"""`deltanas search cnn-cell --data mine.npz`: real trainings, on data small enough for a test."""

import shlex
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from deltanas.cli.crew import Hands
from deltanas.cli.order import Order, Training
from deltanas.cli.target import target_of
from deltanas.errors import TrainingError
from deltanas.networks import cnn_cell
from deltanas.study import Study

SEARCH = ("search", "cnn-cell", "--data", "mine.npz", "--epochs", "2", "--study", "s.db")


@pytest.fixture
def trained(run, tmp_path):
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    inputs = rng.normal(0, 0.3, (120, 12))
    inputs[labels == 0, 2:5] += 1.0
    np.savez(tmp_path / "mine.npz", x=inputs, y=labels)
    return run


def test_networks_are_trained_and_the_study_continued(trained, tmp_path):
    result = trained(*SEARCH, "--budget", 3, "--method", "random")
    assert result.exit_code == 0, result.output
    record = Study.open(tmp_path / "s.db")
    assert record.space.fingerprint() == cnn_cell().fingerprint()
    for trial in record.trials:
        metrics = trial.evaluation.metrics
        assert {"test_accuracy", "parameters", "flops", "activation_bytes"} <= set(metrics)
        assert metrics["epochs"] == 2
    assert "best      width=" in result.stdout
    assert (tmp_path / "s-report" / "report.html").exists()
    _, *command = shlex.split(result.stdout.splitlines()[-1].removeprefix("continue  "))
    command[command.index("--budget") + 1] = "4"
    assert trained(*command).stdout.startswith("      4/4")


def test_the_command_for_the_final_model_is_said_and_tells_finalists_apart(trained):
    result = trained(*SEARCH, "--budget", 3, "--method", "random")
    line = result.stdout.splitlines()[-2]
    assert line == "model     deltanas export s.db --finalists 5"
    _, *command = shlex.split(line.removeprefix("model     "))
    result = trained(*command, "--retrain", "2")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert [line.split(":")[0] for line in lines if line.startswith("trained")] == [
        f"trained   trial {trial}, {number} of 2" for trial in _best_first() for number in (1, 2)
    ]
    heading = next(place for place, line in enumerate(lines) if line.startswith("trial  in the"))
    rows = [line.split() for line in lines[heading + 1 : heading + 4]]
    means = [float(row[3]) for row in rows]
    assert means == sorted(means, reverse=True)
    assert f"trial     {rows[0][0]}, " in result.stdout
    again = trained(*command, "--retrain", "2")
    assert again.stdout.count("kept      trial") == 6


def _best_first():
    trials = Study.open("s.db").trials
    return [each.number for each in sorted(trials, key=lambda each: (-each.accuracy, each.number))]


def test_without_a_name_the_study_is_named_after_space_and_data(trained, tmp_path):
    result = trained("search", "cnn-cell", "--data", "mine.npz", "--epochs", "1", "--budget", "1")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "runs" / "cnn-cell-mine.npz-delta-evolution-0.db").exists()
    assert len(list((tmp_path / "runs").glob("*-trials/00000-*/checkpoint.pt"))) == 1


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["cnn-cell"], 2, "expected data to train the networks of cnn-cell on, got none; give for"),
        (["cnn-cell", "--data", "mnist1"], 2, "no data 'mnist1'; did you mean mnist1d"),
        (["cnn-cell", "--data", "nope.npz"], 2, "there is no data 'nope.npz'; give mnist1d, "),
        (["cnn-cell", "--data", "junk.npz"], 2, "expected a .npz file of arrays, junk.npz cannot"),
        (["cnn-cell", "--data", "junk.csv"], 2, "junk.csv"),
        (["cnn-cell", "--data", "junk.txt"], 2, "has 5 characters, too few to learn from"),
        (["cnn-cell", "--data", "."], 2, "expected a folder of images for each class in ."),
        (["cnn-cel", "--data", "mine.npz"], 2, "no networks for 'cnn-cel' to train on --data"),
        (["nasbench201", "--data", "mine.npz"], 2, "mine.npz is sequences of shape (1, 12); give"),
        (["mlp"], 2, "example --data breast-cancer"),
        (["mlp", "--data", "stdlib-text"], 2, "or one of the spaces transformer"),
        (["cnn-cell", "--data", "mine.npz", "--epochs", "0"], 2, "expected 1 or more"),
        (
            ["cnn-cell", "--data", "mine.npz", "--inherit-epochs", "1"],
            2,
            "inherit, got no --inherit",
        ),
        (
            ["cnn-cell", "--data", "mine.npz", "--inherit", "--min-epochs", "1"],
            *(2, "those that inherit weights are ahead; got both"),
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_made(trained, tmp_path, words, code, message):
    for name in ("junk.npz", "junk.csv", "junk.txt"):
        (tmp_path / name).write_text("junk\n")
    result = trained("search", *words, "--study", "s.db")
    assert result.exit_code == code
    assert message in result.stderr
    assert not (tmp_path / "s.db").exists()


def test_a_gpu_of_a_cluster_need_not_be_here_unless_latencies_are_measured(trained, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    order = Order(
        *("cnn-cell", 3, 0, "s.db"),
        training=Training(data="mine.npz", device="cuda"),
        hands=Hands(ray="local"),
    )
    assert target_of(replace(order, limits=("params<=1M",))).space.name == "cnn-cell"
    with pytest.raises(TrainingError, match="expected a GPU for device 'cuda', torch sees none"):
        target_of(replace(order, limits=("latency_ms<=5",)))


def test_a_study_is_not_continued_with_other_epochs_or_data(trained):
    trained(*SEARCH, "--budget", 1)
    result = trained(*(each if each != "2" else "3" for each in SEARCH), "--budget", 2)
    assert result.exit_code == 2
    assert '"epochs": 2, "digest": ' in result.stderr


def test_networks_begin_with_the_weights_of_others_and_the_command_keeps_it(trained, tmp_path):
    words = ("--inherit", "--inherit-epochs", 1, "--method", "local-search")
    result = trained(*SEARCH, "--budget", 12, *words)
    assert result.exit_code == 0, result.output
    trials = Study.open(tmp_path / "s.db").trials
    epochs = [each.evaluation.metrics["epochs"] for each in trials]
    # Ten random networks come first.
    assert [each.proposal.donor is None for each in trials] == [True] * 10 + [False] * 2
    assert epochs[:10] == [2] * 10
    assert 1 in epochs[10:]
    assert "--inherit-epochs 1 --inherit" in result.stdout.splitlines()[-1]
    other = trained(*SEARCH, "--budget", 13, "--method", "local-search")
    assert other.exit_code == 2
    assert "got training {" in other.stderr


PROJECT = """
import torch

space = {"width": [2, 3, 4], "act": ["ReLU", "Tanh"]}

def build(architecture):
    if architecture["width"] == 3:
        raise RuntimeError("no threes")
    act = getattr(torch.nn, architecture["act"])
    first = torch.nn.Linear(12, architecture["width"])
    return torch.nn.Sequential(torch.nn.Flatten(), first, act(), torch.nn.LazyLinear(2))
"""


@pytest.fixture
def project(trained, tmp_path, monkeypatch):
    (tmp_path / "my_project.py").write_text(PROJECT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield trained
    sys.modules.pop("my_project", None)


OWN = ("search", "my_project.py:space", "--data", "mine.npz", "--epochs", "2", "--study", "s.db")


@pytest.mark.process
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_a_builder_of_ones_own_is_trained_continued_and_exported(project, tmp_path):
    result = project(*OWN, "--build", "my_project.py:build", "--budget", 5, "--method", "random")
    assert result.exit_code == 0, result.output
    trials = Study.open(tmp_path / "s.db").trials
    assert [trial.accuracy is None for trial in trials] == [
        trial.architecture["width"] == 3 for trial in trials
    ]
    assert any("no threes" in (trial.evaluation.reason or "") for trial in trials)
    _, *command = shlex.split(result.stdout.splitlines()[-1].removeprefix("continue  "))
    command[command.index("--budget") + 1] = "6"
    assert "6/6" in project(*command).stdout
    assert project("export", "s.db", "--out", "out").exit_code == 1
    build = ("--build", "my_project.py:build")
    assert project("export", "s.db", "--out", "out", *build).exit_code == 0
    code = "import network; print(network.load()(network.torch.zeros(3, 1, 12)).shape)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "out", capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert "torch.Size([3, 2])" in done.stdout, done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["my_project.py:space", "--data", "mine.npz"], "expected a builder for the networks of"),
        (["cnn-cell", "--data", "mine.npz", "--build", "my_project.py:build"], "leave --build out"),
        (["my_project.py:space", "--build", "my_project.py:build"], "expected data to train"),
        (["cnn-cell", "--data", "mine.npz", "--train", "my_project.py:build"], "got both; leave"),
        (["my_project.py:space", "--data", "mine.npz", "--build", "x.py:b"], "no file x.py"),
    ],
)
def test_a_builder_needs_a_space_and_data_of_its_own(project, words, message):
    result = project("search", *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_limits_on_parameters_and_flops_are_kept_and_shown_and_on_the_card(trained, tmp_path):
    words = (*SEARCH, "--limit", "params<=1.5k", "--limit", "flops<=40k")
    result = trained(*words, "--budget", 3, "--method", "random")
    assert result.exit_code == 0, result.output
    for trial in Study.open(tmp_path / "s.db").trials:
        assert trial.evaluation.metrics["parameters"] <= 1500
        assert trial.evaluation.metrics["flops"] <= 40_000
    assert "within    parameters ≤ 1500; it has" in result.stdout
    assert "--limit 'params<=1.5k'" in result.stdout.splitlines()[-1]
    assert trained("export", "s.db", "--out", "out").exit_code == 0
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert r"| limits | flops\<=40000.0 and parameters\<=1500.0 |" in card


def test_several_objectives_give_the_best_compromises(trained):
    result = trained(*SEARCH, "--objectives", "accuracy,params", "--budget", 6)
    assert result.exit_code == 0, result.output
    assert "compromise" in result.stdout


def test_a_report_made_later_draws_the_compromises_and_says_what_trained(trained, tmp_path):
    trained(*SEARCH, "--objectives", "accuracy,params", "--budget", 3)
    result = trained("report", "s.db", "--out", "later")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "later" / "front.png").exists()
    page = (tmp_path / "later" / "report.html").read_text("utf-8")
    assert "<th>accuracies</th><td>training {" in page
    assert "<th>objectives</th><td>accuracy, parameters</td>" in page
