import multiprocessing

import pytest
from typer import Typer
from typer.testing import CliRunner

from deltanas.benchmarks import load
from deltanas.cli.compare import compare
from deltanas.compare.plan import Task
from deltanas.compare.protocol import Protocol
from deltanas.compare.results import is_done, read
from deltanas.compare.workers import run_all

pytestmark = pytest.mark.process
CIFAR = "nasbench201:cifar10"
PROTOCOL = Protocol(budget=8, starts=3)


def test_a_killed_worker_loses_nothing(tmp_path, nasbench201_folder):
    del nasbench201_folder
    tasks = [Task(CIFAR, "random", seed) for seed in range(5)]
    runs = run_all(tasks, PROTOCOL, tmp_path, workers=1)
    outcomes = [next(runs)]
    for process in multiprocessing.active_children():
        process.kill()
    outcomes += runs
    assert sorted(outcome.task.seed for outcome in outcomes) == [0, 1, 2, 3, 4]
    assert [outcome.problem for outcome in outcomes] == [None] * 5
    assert all(is_done(tmp_path, task, PROTOCOL) for task in tasks)


def test_a_run_that_fails_says_why_and_the_others_go_on(tmp_path, nasbench201_folder):
    del nasbench201_folder
    tasks = [Task(CIFAR, "random:best=3", 0), Task(CIFAR, "random", 0)]
    outcomes = list(run_all(tasks, PROTOCOL, tmp_path, workers=1))
    assert "no setting 'best'" in outcomes[0].problem
    assert outcomes[1].problem is None


@pytest.fixture
def command():
    app = Typer()
    app.command()(compare)
    runner = CliRunner()
    return lambda *words: runner.invoke(app, [*words, "--workers", "1"])


def test_the_command_writes_resumes_and_goes_on(tmp_path, command, nasbench201_folder):
    del nasbench201_folder
    words = ["--methods", "random,local-search", "--budget", "9", "--out", str(tmp_path)]
    first = command(*words, "--seeds", "2")
    assert first.exit_code == 0, first.output
    assert "4 runs, 0 of them done" in first.output
    times = {path: path.stat().st_mtime_ns for path in tmp_path.glob("parts/*/*/*.parquet")}
    assert len(times) == 4
    next(iter(times)).unlink()  # as if killed before it was there
    again = command(*words, "--seeds", "3")
    assert "6 runs, 3 of them done" in again.output
    kept = [path for path in list(times)[1:] if path.stat().st_mtime_ns == times[path]]
    assert len(kept) == 3
    assert {path.name for path in tmp_path.iterdir()} >= {"results.parquet", "table.md"}
    assert "local-search" in again.output


def test_the_command_keeps_all_methods_to_limits(tmp_path, command, nasbench201_folder):
    del nasbench201_folder
    words = ["--methods", "random,tpe", "--budget", "12", "--seeds", "1", "--out", str(tmp_path)]
    first = command(*words, "--limit", "params<=0.4M")
    assert first.exit_code == 0, first.output
    assert "limit params<=0.4M" in first.output
    table, head = read(tmp_path)
    whole = load(CIFAR)
    asked = [whole.record(whole.space.read(text.as_py())) for text in table["architecture"]]
    assert len(asked) == 24
    assert max(record.metrics["parameters_m"] for record in asked) <= 0.4
    assert head["limits"] == "params<=0.4M"
    assert "starts 5, limits params\\<=0.4M" in (tmp_path / "table.md").read_text()
    other = command(*words)
    assert other.exit_code == 2
    assert "limits=params<=0.4M, but limits=none was asked for" in " ".join(other.output.split())


def test_limits_that_nothing_meets_end_before_anything_runs(tmp_path, command):
    words = ["--methods", "random", "--out", str(tmp_path)]
    tight = command(*words, "--limit", "params<=70k")
    assert tight.exit_code == 2
    refused = " ".join(tight.output.split())
    assert "meets parameters ≤ 0.07M; give it more room. The closest one has" in refused
    unknown = command(*words, "--limit", "energy<=4")
    assert unknown.exit_code == 2
    assert "metrics are latency_ms, parameters_m, flops_m" in " ".join(unknown.output.split())
    assert not list(tmp_path.iterdir())


def test_the_command_refuses_bad_input_in_words(tmp_path, command):
    wrong = command("--methods", "locl-search", "--out", str(tmp_path))
    assert wrong.exit_code == 2
    assert "did you mean local-search" in wrong.output
    assert "Traceback" not in wrong.output
    noise = command("--methods", "random", "--signal", "loud", "--out", str(tmp_path))
    assert noise.exit_code == 2
    assert "signals are mean, one-run" in noise.output
    same = command("--methods", "random", "--identity", "names", "--out", str(tmp_path))
    assert same.exit_code == 2
    assert "raw, classes" in same.output


def test_the_command_lists_methods_and_who_is_absent(command):
    listed = command("--methods", "list").output
    assert "bananas" in listed
    assert "absent: its package requires torchvision" in listed.replace("\n", " ")
