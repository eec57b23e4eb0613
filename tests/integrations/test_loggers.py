"""The examples of the page on loggers, run against stand-ins that record what they are asked."""

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest.mock import MagicMock

import pytest

from tests.test_docs import blocks

PAGE = Path(__file__).parents[2] / "docs" / "loggers.md"


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """Run the page; what MLflow and Weights & Biases were asked."""
    client = MagicMock()
    client.create_run.side_effect = lambda *_, run_name, tags: SimpleNamespace(
        info=SimpleNamespace(run_id=run_name)
    )
    mlflow, wandb = ModuleType("mlflow"), ModuleType("wandb")
    mlflow.MlflowClient = lambda: client
    made = []
    wandb.init = lambda **settings: made.append((settings, MagicMock())) or made[-1][1]
    monkeypatch.setitem(sys.modules, "mlflow", mlflow)
    monkeypatch.setitem(sys.modules, "wandb", wandb)
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "page"}
    for code in blocks(PAGE):
        exec(compile(code, PAGE, "exec"), namespace)  # noqa: S102 - our own page
    return client, made


def test_mlflow_has_a_run_for_each_training_with_its_epochs_and_its_end(calls):
    client, _ = calls
    # The first two of four trainings were made before MLflow was there.
    names = [call.kwargs["run_name"] for call in client.create_run.call_args_list]
    assert names == ["trial 2", "trial 3"]
    logged = [(call.args[:2], call.kwargs) for call in client.log_metric.call_args_list]
    assert [each for each, _ in logged] == [(name, "accuracy") for name in names for _ in range(3)]
    assert [each["step"] for _, each in logged] == [1, 2, 3, 1, 2, 3]
    ended = [call.args for call in client.set_terminated.call_args_list]
    assert ended == [(name, "FINISHED") for name in names]


def test_weights_and_biases_has_a_run_for_each_training_too(calls):
    _, made = calls
    assert [settings["name"] for settings, _ in made] == ["trial 4", "trial 5"]
    for _, run in made:
        assert [call.kwargs["step"] for call in run.log.call_args_list] == [1, 2, 3]
        run.finish.assert_called_once_with(exit_code=0)
