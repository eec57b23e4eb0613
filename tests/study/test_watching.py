"""What a study tells whoever watches it: starts, epochs, ends; and what a broken watch does."""

import pytest

from deltanas.records import Status
from deltanas.study import Callback, Evaluated, Proposed, Reported, Study
from deltanas.testing.evaluators import SPACE


def train(architecture, context):
    for epoch in (1, 2):
        context.report(epoch, epoch / 10, loss=1 / epoch)
    return 0.2


@pytest.mark.process
@pytest.mark.parametrize("workers", [1, 2])
def test_every_epoch_is_told_between_its_start_and_its_end(tmp_path, workers):
    told = {}

    def tell(event):
        number = (event.trial if isinstance(event, Evaluated) else event.proposal).number
        told.setdefault(number, []).append(event)

    study = Study(SPACE, train, storage=tmp_path / "s.db", method="random", workers=workers)
    study.run(4, tell)
    assert sorted(told) == [0, 1, 2, 3]
    for events in told.values():
        assert [type(each) for each in events] == [Proposed, Reported, Reported, Evaluated]
        assert [(each.epoch, each.accuracy) for each in events[1:3]] == [(1, 0.1), (2, 0.2)]
        assert events[2].metrics == {"loss": 0.5}


def test_plain_functions_hear_of_starts_epochs_and_ends_and_several_watches_hear_all():
    told, all_told = [], []
    callback = Callback(
        on_start=lambda event: told.append(("start", event.proposal.number)),
        on_epoch=lambda event: told.append(("epoch", event.epoch)),
        on_end=lambda event: told.append(("end", event.trial.accuracy)),
    )
    Study(SPACE, train, method="random").run(1, callback, Callback(), all_told.append)
    assert told == [("start", 0), ("epoch", 1), ("epoch", 2), ("end", 0.2)]
    assert len(all_told) == 4


def test_a_broken_watch_ends_the_run_fails_no_training_and_loses_nothing(tmp_path):
    def broken(event):
        raise ConnectionError("the logging server is down")

    study = Study(SPACE, train, storage=tmp_path / "s.db", method="random")
    with pytest.raises(ConnectionError, match="server is down"):
        study.run(4, Callback(on_epoch=broken))
    (trial,) = study.trials
    assert trial.evaluation.status is Status.FINISHED
    study.run(4)
    assert [each.accuracy for each in study.trials] == [0.2] * 4
