"""One Ray of this machine, with two CPUs, for all tests of this folder: starting it is slow."""

import contextlib
import importlib
import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest

import deltanas
from deltanas.evaluation import Crew, FunctionEvaluator, RayEvaluator
from deltanas.evaluation.ray import Cluster
from tests.evaluation import bad_trainings as bad

PROJECT = """
import os
import time
from pathlib import Path

from beside import half

space = {"depth": [1, 2, 3], "width": [2, 4]}


def train(architecture, context):
    assert Path("beside.py").exists()
    assert str(Path.cwd()) != FOLDER, "the folder is the one that was shipped"
    quick = Path(FOLDER) / "quick"
    if quick.exists():
        quick.unlink()
        return half(architecture["depth"] / 4)
    (Path(FOLDER) / f"training-{os.getpid()}").touch()
    while not (Path(FOLDER) / "flag").exists():
        time.sleep(0.05)
    return half(architecture["depth"] / 4)
"""


@dataclass(frozen=True)
class Started:
    """A Ray that deltanas has started in this process."""

    address: str
    """Where other processes join it."""
    opened: set[str]
    """Addresses other than loopback that listen since then."""


def listening():
    """Addresses other than loopback that this machine listens on, as the kernel lists them."""
    found = set()
    for name in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
                place, state = line.split()[1], line.split()[3]
                host = place.partition(":")[0]
                is_loopback = host.endswith("0100007F") or host == "0" * 24 + "01000000"
                if state == "0A" and not is_loopback:
                    found.add(place)
    return found


@pytest.fixture(scope="package")
def cluster(tmp_path_factory):
    """The Ray; it ends with the last test that uses it."""
    if importlib.util.find_spec("ray") is None:  # found, not imported: deltanas must be the first
        pytest.skip("Ray is not installed; pip install 'deltanas[ray]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(bad.FOLDER, str(tmp_path_factory.mktemp("notes")))
        before = listening()
        owner = Cluster(Crew(ray="local"), partial(FunctionEvaluator, bad.good))
        address = importlib.import_module("ray").get_runtime_context().gcs_address
        yield Started(address, listening() - before)
        owner.leave()


@pytest.fixture
def folder(cluster):
    """Where trainings leave notes; workers of Ray keep the variables they were started with."""
    place = Path(os.environ[bad.FOLDER])
    for each in place.iterdir():
        each.unlink()
    return place


@pytest.fixture
def make(cluster):
    """Makes evaluators on the cluster; their workers end after the test."""
    made = []

    def evaluator(train, **settings):
        crew = Crew(ray="local", **settings)
        made.append(RayEvaluator(partial(FunctionEvaluator, train), crew))
        return made[-1]

    yield evaluator
    for each in made:
        each.close()


@pytest.fixture
def start_machine(cluster):
    """Starts a machine with one CPU that joins the cluster; it is lost after the test."""
    testing = importlib.import_module("ray.cluster_utils")
    machines = testing.Cluster(shutdown_at_exit=False)
    machines.head_node = SimpleNamespace(gcs_address=cluster.address)
    started = []

    def start(**more):
        settings = {"num_cpus": 1, "object_store_memory": 100_000_000, **more}
        node = machines.add_node(wait=False, node_ip_address="127.0.0.1", **settings)
        # All of it at once, as a power cut does.
        lose = partial(node.kill_all_processes, False, False, wait=True)
        started.append(SimpleNamespace(lose=lose))
        return started[-1]

    yield start
    for each in started:
        each.lose()


@pytest.fixture
def search(cluster, tmp_path, monkeypatch):
    """Starts the same search, each time; one that is left over is killed after the test."""
    (tmp_path / "mine.py").write_text(f"FOLDER = {str(tmp_path)!r}\n{PROJECT}")
    (tmp_path / "other").mkdir()
    for folder in (tmp_path, tmp_path / "other"):
        (folder / "beside.py").write_text("def half(x):\n    return x / 2\n")
    monkeypatch.setenv("PYTHONPATH", str(Path(deltanas.__file__).parent.parent))
    words = (
        "search {0}mine.py:space --train {0}mine.py:train --study {0}s.db --budget 3 --workers 1"
    )
    started = []

    def start(folder=".", up=""):
        command = [sys.executable, "-m", "deltanas", *words.format(up).split(), "--plain"]
        command += ["--ray", cluster.address]
        place = tmp_path / folder
        with (tmp_path / "said").open("w") as said:
            started.append(
                subprocess.Popen(command, cwd=place, stdout=said, stderr=said, process_group=0)
            )
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()
