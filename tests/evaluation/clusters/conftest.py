"""One Ray of this machine, with two CPUs, for all tests of this folder: starting it is slow."""

import contextlib
import importlib.util
import os
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from deltanas.evaluation import Crew, FunctionEvaluator, RayEvaluator
from deltanas.evaluation.ray import Cluster
from tests.evaluation import bad_trainings as bad


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
