"""The command against a Ray of another process: a client's head, and one that it started itself."""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import deltanas
from deltanas.study import Study
from tests.evaluation.test_processes import is_gone

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(
        not (importlib.util.find_spec("ray") and importlib.util.find_spec("grpc")),
        reason="Ray or its client is not installed; pip install 'deltanas[ray]'",
    ),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are counted in /proc"),
]

PROJECT = """
import os
import time
from pathlib import Path

space = {"depth": [1, 2, 3], "width": [2, 4]}


def train(architecture, context):
    notes = Path(FOLDER)
    if (notes / "quick").exists():
        (notes / "quick").unlink()
        return architecture["depth"] / 4
    (notes / "began.part").write_text(str(os.getpid()))
    (notes / "began.part").rename(notes / "began")
    while not (notes / "flag").exists():
        time.sleep(0.05)
    return architecture["depth"] / 4
"""
SEARCH = "search mine.py:space --train mine.py:train --study s.db --budget 3 --workers 1 --plain"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project whose trainings wait for a file named flag."""
    (tmp_path / "mine.py").write_text(f"FOLDER = {str(tmp_path)!r}\n{PROJECT}")
    monkeypatch.setenv("PYTHONPATH", str(Path(deltanas.__file__).parent.parent))
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    return tmp_path


@pytest.fixture
def short_folder():
    """Sockets of Ray lie here: their paths have at most 107 characters."""
    place = tempfile.mkdtemp(prefix="ray")
    yield Path(place)
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def start():
    """Starts commands, each in a process group of its own that is killed after the test."""
    started = []

    def start(command, folder):
        with (folder / "said").open("w") as said:
            process = subprocess.Popen(
                command, cwd=folder, stdout=said, stderr=said, start_new_session=True
            )
        started.append(process)
        return process

    yield start
    for each in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(each.pid, signal.SIGKILL)
        each.wait()


def search(start, folder, address):
    return start([sys.executable, "-m", "deltanas", *SEARCH.split(), "--ray", address], folder)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(found, what, seconds=120):
    """The first answer that is not nothing."""
    for _ in range(seconds * 10):
        answer = found()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s in vain for {what()}")


def began(folder):
    """Process of the training that has begun."""
    note = folder / "began"
    if not note.exists():
        return None
    pid = int(note.read_text())
    note.unlink()
    return pid


def answers(port):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    return False


def rays_of(pid):
    """Processes of the Ray that a process has started, whoever is their parent by now."""
    found = []
    for each in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            words = each.joinpath("stat").read_text().rpartition(")")[2].split()
            # Ray gives its processes groups of their own, but they stay in the session.
            if int(words[3]) == pid and int(each.name) != pid and words[0] != "Z":
                found.append(int(each.name))
    return found


def test_a_client_of_a_head_that_asks_for_a_token_searches_from_outside(
    start, folder, short_folder, monkeypatch
):
    (short_folder / "token").write_text(secrets.token_hex(32))
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(short_folder / "token"))
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # loopback only
    port = free_port()
    words = [
        "start",
        "--head",
        "--block",
        "--node-ip-address",
        "127.0.0.1",
        "--num-cpus",
        "2",
        "--port",
        "0",
    ]
    words += ["--min-worker-port", "0", "--max-worker-port", "0", "--include-dashboard", "false"]
    words += ["--ray-client-server-port", str(port), "--temp-dir", str(short_folder)]
    program = "import sys; from ray.scripts.scripts import main; sys.exit(main())"
    start([sys.executable, "-c", program, *words], short_folder)
    wait_for(lambda: answers(port), (short_folder / "said").read_text)
    (folder / "flag").touch()
    for _ in range(3):  # a head that listens may still refuse its first client
        ended = search(start, folder, f"ray://127.0.0.1:{port}").wait(180)
        if not ended:
            break
    assert ended == 0, (folder / "said").read_text()
    trials = Study.open(folder / "s.db").history.trials
    assert [each.accuracy for each in trials] == [each.architecture["depth"] / 4 for each in trials]
    assert len(trials) == 3

    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    stranger = search(start, folder, f"ray://127.0.0.1:{port}")
    assert stranger.wait(180) == 1
    assert "set RAY_AUTH_MODE=token" in " ".join((folder / "said").read_text().split())


def test_a_killed_search_takes_its_training_and_the_ray_that_it_started_along(start, folder):
    (folder / "quick").touch()  # the first training ends at once
    killed = search(start, folder, "local")
    trained = wait_for(lambda: began(folder), (folder / "said").read_text)
    assert rays_of(killed.pid)
    killed.kill()
    assert is_gone(trained)
    wait_for(lambda: not rays_of(killed.pid), lambda: f"the end of {rays_of(killed.pid)}")
    told, running = Study.open(folder / "s.db").history.trials
    assert told.accuracy == told.architecture["depth"] / 4
    assert running.evaluation is None

    (folder / "flag").touch()
    again = search(start, folder, "local")
    assert again.wait(180) == 0, (folder / "said").read_text()
    kept, *others = Study.open(folder / "s.db").history.trials
    assert kept == told
    assert [each.accuracy for each in others] == [each.architecture["depth"] / 4 for each in others]
    assert len(others) == 2
