"""Event files, read back with TensorBoard's own reader."""

import pytest

from deltanas.errors import MissingPackageError
from deltanas.integrations import tensorboard as room
from deltanas.integrations.tensorboard import TensorBoard
from deltanas.study import Study
from deltanas.testing.evaluators import SPACE

pytest.importorskip("tensorboard")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def train(architecture, context):
    if architecture["b"] == 4:
        raise ValueError("no such luck")
    for epoch in (1, 2, 3):
        context.report(epoch, epoch / 10, loss=1 / epoch)
    return {"accuracy": 0.3, "latency_ms": 7.5}


def test_each_trial_has_its_curves_and_its_end(tmp_path):
    study = Study(SPACE, train, method="random", storage=tmp_path / "s.db")
    study.run(4, TensorBoard(tmp_path / "board"))
    for trial in study.trials:
        read = EventAccumulator(str(tmp_path / "board" / f"{trial.number:05d}"))
        read.Reload()
        if trial.accuracy is None:
            assert read.Tags()["scalars"] == []
            assert "failed/text_summary" in read.Tags()["tensors"]
            continue
        curve = [(each.step, each.value) for each in read.Scalars("epoch/accuracy")]
        assert curve == [(1, pytest.approx(0.1)), (2, pytest.approx(0.2)), (3, pytest.approx(0.3))]
        assert read.Scalars("epoch/loss")[1].value == pytest.approx(0.5)
        assert read.Scalars("result/latency_ms")[0].value == pytest.approx(7.5)
    assert {trial.accuracy for trial in study.trials} == {None, 0.3}


def test_without_the_package_it_says_how_to_get_it(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(room, "import_module", missing)
    with pytest.raises(MissingPackageError, match=r"pip install 'deltanas\[tensorboard\]'"):
        TensorBoard("board")
