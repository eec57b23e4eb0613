"""A Ray cluster of several machines, all of them this one: they come, they go, code is shipped."""

import importlib.util
import os
import time
from functools import partial
from pathlib import Path

import pytest

from deltanas.evaluation import Crew, FunctionEvaluator, RayEvaluator, evaluated_by
from deltanas.evaluation.trainers import Trainer
from deltanas.testing.evaluators import proposal_of, train_well
from deltanas.training.project import Named
from tests.evaluation import bad_trainings as bad

pytestmark = pytest.mark.process

PROJECT = """
from pathlib import Path
from beside import half

def train(architecture):
    assert Path("beside.py").exists(), "the folder is the one that was shipped"
    return half(architecture["a"] / 10)
"""


@pytest.fixture(scope="module")
def cluster():
    """A head with one CPU, and a second machine with one CPU that is called `second`."""
    if importlib.util.find_spec("ray") is None:
        pytest.skip("Ray is not installed; pip install 'deltanas[ray]'")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")  # loopback, before Ray is read
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join(("src", str(bad.__file__).split("/tests/")[0])))
        testing = importlib.import_module("ray.cluster_utils")
        small = {"object_store_memory": 100_000_000, "num_cpus": 1}
        made = testing.Cluster(
            initialize_head=True, head_node_args={**small, "include_dashboard": False}
        )
        made.small = small
        made.second = made.add_node(**small, resources={"second": 1})
        yield made
        importlib.import_module("ray").shutdown()
        made.shutdown()


def test_code_is_shipped_a_lost_machine_costs_its_training_a_start_and_no_result(
    cluster, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_shipped.py").write_text(PROJECT)
    (tmp_path / "beside.py").write_text("def half(x):\n    return x / 2\n")
    gone = tmp_path / "gone"
    crew = Crew(ray=cluster.address)
    shipped = evaluated_by(crew, Trainer(Named("my_shipped.py:train")))
    assert shipped.capacity == 2
    (tmp_path / "my_shipped.py").rename(gone)  # what the workers read is not what lies here
    shipped.submit(proposal_of(0))
    (found,) = shipped.collect()
    assert found.accuracy == 0.15

    def until_it_is_told(architecture, folder=str(tmp_path)):
        here = Path(folder, f"here-{os.getpid()}")
        here.touch()
        while not here.with_name("flag").exists():
            time.sleep(0.05)
        return (architecture["a"] + architecture["b"]) / 16

    evaluator = RayEvaluator(partial(FunctionEvaluator, until_it_is_told), crew)
    for number in (0, 1):
        evaluator.submit(proposal_of(number))
    for _ in range(300):
        if len(list(tmp_path.glob("here-*"))) == 2:
            break
        time.sleep(0.1)
    cluster.remove_node(cluster.second, allow_graceful=False)
    cluster.add_node(**cluster.small)
    (tmp_path / "flag").touch()
    results = []
    for _ in range(100):
        results += evaluator.collect() if len(results) < 2 else []
    assert {each.number: each.accuracy for each in results} == {
        number: train_well(proposal_of(number).architecture) for number in (0, 1)
    }
    assert len(list(tmp_path.glob("here-*"))) == 3, "only the lost one began again"
    evaluator.close()
    shipped.close()
