"""A benchmark of 36 architectures in place of the real ones, and commands run on it."""

import numpy as np
import pytest
from typer.testing import CliRunner

from deltanas.benchmarks import Benchmark
from deltanas.cli import asked, closing
from deltanas.cli.app import app
from deltanas.errors import UnknownNameError
from deltanas.report import summary
from deltanas.spaces import BlockSpace


@pytest.fixture(scope="session")
def small():
    """Width counts twice as much as depth; two recorded trainings, 0.01 apart."""
    space = BlockSpace({"width": (1, 2, 3), "depth": (1, 2, 3, 4), "act": ("a", "b", "c")})
    codes = space.all_codes()
    means = 0.5 + (0.08 * codes[:, 0] + 0.04 * codes[:, 1] + 0.01 * codes[:, 2])
    return Benchmark(
        name="small:table",
        space=space,
        citation="Nobody, A Table, 2026",
        licence="none",
        runs=[(mean - 0.005, mean + 0.005) for mean in means.tolist()],
        seconds=np.full(len(codes), 10.0),
        test_accuracies=means - 0.1,
        metrics={
            "parameters_m": (codes[:, 0] + 1.0) * (codes[:, 1] + 1.0),
            "latency_ms": codes[:, 1] + 1.0,
        },
    )


@pytest.fixture
def run(small, tmp_path, monkeypatch):
    """Runs a command in an empty folder, where `small:table` is the only benchmark."""

    def load(name):
        if name != small.name:
            raise UnknownNameError(f"there is no benchmark {name!r}; benchmarks are {small.name}")
        return small

    monkeypatch.setattr(asked, "load", load)
    monkeypatch.setattr(closing, "load", load)
    # Simulations of other methods are slow under shape checks, and tested with the report.
    monkeypatch.setattr(summary, "REFERENCES", ())
    monkeypatch.chdir(tmp_path)

    def command(*words):
        result = CliRunner().invoke(app, [str(word) for word in words])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return command
