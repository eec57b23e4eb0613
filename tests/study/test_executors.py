"""Searches on executors of other libraries, on this machine; skipped where one is not installed."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import deltanas
from deltanas.study import Study

SCRIPT = """
import sys
from functools import partial

import deltanas as dn
from deltanas.evaluation import FunctionEvaluator, FuturesEvaluator

def train(architecture):
    if architecture["a"] == 3:
        raise ValueError("three is too much")
    return architecture["a"] / 10

{make}
if __name__ == "__main__":
    with executor() as pool:
        evaluator = FuturesEvaluator(pool, partial(FunctionEvaluator, train), workers=2)
        with dn.Study(dn.BlockSpace({{"a": [1, 2, 3, 4]}}), evaluator, storage="s.db") as study:
            study.run(4)
"""
DASK = """
import contextlib
from distributed import Client, LocalCluster

@contextlib.contextmanager
def executor():
    here = {"host": "127.0.0.1", "dashboard_address": None, "threads_per_worker": 1}
    with LocalCluster(n_workers=2, **here) as cluster, Client(cluster) as client:
        yield client.get_executor()
"""
MPI = """
from mpi4py.futures import MPIPoolExecutor as executor
"""
OPEN_MPI = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}
"""Three processes, also on a machine of two cores, and as whoever tests."""
SLURM = """
import contextlib
import submitit

@contextlib.contextmanager
def executor():
    found = submitit.AutoExecutor(folder="jobs", cluster="local")
    found.update_parameters(timeout_min=2)
    yield found
"""


@pytest.mark.process
@pytest.mark.parametrize(
    ("package", "make", "words"),
    [
        ("distributed", DASK, []),
        ("submitit", SLURM, []),
        ("mpi4py", MPI, ["-m", "mpi4py.futures"]),
    ],
)
def test_executors_of_other_libraries_evaluate(tmp_path, monkeypatch, package, make, words):
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed; pip install {package}")
    (tmp_path / "mine.py").write_text(SCRIPT.format(make=make))
    house = str(Path(deltanas.__file__).parent.parent)
    monkeypatch.setenv("PYTHONPATH", ":".join([house, *(each for each in sys.path if each)]))
    command = [sys.executable, *words, "mine.py"]
    if package == "mpi4py":
        for name, value in OPEN_MPI.items():
            monkeypatch.setenv(name, value)
        launcher = Path(sys.executable).parent / "mpiexec"
        command = [str(launcher) if launcher.exists() else "mpiexec", "-n", "3", *command]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    trials = Study.open(tmp_path / "s.db").trials
    accuracies = {each.architecture["a"]: each.accuracy for each in trials}
    assert accuracies == {1: 0.1, 2: 0.2, 3: None, 4: 0.4}
    (failed,) = (each.evaluation.reason for each in trials if each.accuracy is None)
    assert failed.startswith("ValueError: three is too much (mine.py, line ")
