import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from deltanas.study import Study

DELTANAS = (sys.executable, "-c", "from deltanas.cli.app import main; main()")


def deltanas(folder, *words):
    return subprocess.run(
        [*DELTANAS, *map(str, words)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_lists_say_what_there_is(run):
    assert "nasbench201:cifar10 " in run("benchmarks").stdout
    assert "15,625" in run("spaces").stdout
    methods = run("methods").stdout.splitlines()
    assert [line.split()[0] for line in methods[1:]] == [
        *("delta-evolution", "regularized-evolution", "local-search", "random")
    ]


def test_the_version_is_that_of_the_package(run):
    assert run("--version").stdout == f"deltanas {version('deltanas')}\n"


def test_an_unknown_command_is_a_usage_error(run):
    result = run("serach")
    assert result.exit_code == 2
    assert "No such command 'serach'" in result.stderr


def test_a_report_is_written_again(run, tmp_path):
    run("search", "small:table", "--budget", 2, "--method", "random", "--study", "s.db")
    page = tmp_path / "s-report" / "report.html"
    first = page.read_text("utf-8")
    page.unlink()
    result = run("report", "s.db")
    assert result.exit_code == 0
    assert result.stdout.strip() == f"report  {Path('s-report') / 'report.html'}"
    assert page.read_text("utf-8") == first
    assert run("report", "s.db", "--out", "there").exit_code == 0
    assert (tmp_path / "there" / "convergence.png").exists()


def test_the_report_of_a_users_own_study_needs_no_benchmark(run, small, tmp_path):
    study = Study(small.space, lambda each: each["width"] / 10, storage=tmp_path / "own.db")
    study.run(3)
    assert run("report", "own.db").exit_code == 0
    best = f"blocks: {study.best.accuracy:.2%}".replace("%", " %")
    assert best in (tmp_path / "own-report" / "report.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["none.db", "text.db", "."])
def test_a_report_of_no_study_is_refused(run, tmp_path, name):
    (tmp_path / "text.db").write_text("a text")
    result = run("report", name)
    assert result.exit_code == 1
    assert result.stderr.startswith("error: ")
    assert not list(tmp_path.glob("*report*"))


@pytest.mark.process
def test_a_process_ends_with_words_and_not_with_a_traceback(tmp_path):
    done = deltanas(tmp_path, "search", "nasbench2O1:cifar10", "--study", "s.db")
    assert done.returncode == 2
    assert "did you mean 'nasbench201'" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.process
def test_a_pipe_that_knows_only_ascii_gets_question_marks(tmp_path, nasbench201_folder):
    cell = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|"
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*DELTANAS, "show", "nasbench201", cell],
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "edge 0?3: none ? skip_connect" in done.stdout


@pytest.mark.process
def test_ctrl_c_keeps_what_ended_and_the_same_command_goes_on(tmp_path, nasbench201_folder):
    words = ("search", "nasbench201:cifar10", "--method", "random", "--study", "s.db")
    running = subprocess.Popen(
        [*DELTANAS, *words, "--budget", "3000"],
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A suite started in the background hands down that Ctrl-C is ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    )  # fmt: skip
    seen = [running.stdout.readline() for _ in range(3)]
    running.send_signal(signal.SIGINT)
    rest, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert seen[2].split()[0] == "3/3000"
    assert "everything that ended is saved" in rest
    assert rest.splitlines()[-1].strip().startswith("deltanas search nasbench201:cifar10")
    ended = [t for t in Study.open(tmp_path / "s.db").trials if t.evaluation is not None]
    more = len(ended) + 2
    done = deltanas(tmp_path, *words, "--budget", more)
    assert done.returncode == 0, done.stderr
    assert f"{more}/{more}" in done.stdout
    trials = Study.open(tmp_path / "s.db").trials
    assert trials[: len(ended)] == tuple(ended)
    assert len(trials) == more


@pytest.mark.process
def test_a_live_screen_is_drawn_on_a_terminal(tmp_path, nasbench201_folder):
    pty = pytest.importorskip("pty", reason="pseudo-terminals are a matter of POSIX")
    master, slave = pty.openpty()
    words = ("search", "nasbench201:cifar10", "--method", "random", "--budget", "4")
    running = subprocess.Popen(
        [*DELTANAS, *words, "--study", "s.db"],
        cwd=tmp_path, stdout=slave, stderr=slave, stdin=slave, close_fds=True,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "110", "LINES": "40"},
    )  # fmt: skip
    os.close(slave)
    output, until = b"", time.monotonic() + 60
    while time.monotonic() < until:
        try:
            part = os.read(master, 65536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        output += part
    os.close(master)
    assert running.wait(timeout=60) == 0
    text = output.decode()
    assert "4 of 4 evaluations" in text
    assert "╭" in text
    assert "continue" in text
