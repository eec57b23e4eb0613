import errno
import json

import pytest

from deltanas.errors import TrainingError, TrainingTimeError
from deltanas.evaluation import Context, FunctionEvaluator, Workplace, takes_context
from deltanas.evaluation import workplace as workplace_room
from deltanas.records import Status
from deltanas.testing.evaluators import EvaluatorContract, proposal_of


class TestFunctionWithContext(EvaluatorContract):
    def make(self, train):
        def with_context(architecture, context):
            assert context.folder.is_dir()
            return train(architecture)

        return FunctionEvaluator(with_context)


def context(tmp_path, watch=None):
    return Context(3, tmp_path, "cpu", 5, watch)


def test_reports_are_kept_in_the_folder_and_told_to_whoever_watches(tmp_path):
    told = []
    own = context(tmp_path, lambda *report: told.append(report))
    own.report(1, 0.25, loss=1.5, note="no number", rate=float("nan"))
    own.report(2, 0.5)
    assert told == [(1, 0.25, {"loss": 1.5}), (2, 0.5, {})]
    assert own.reported == {1: 0.25, 2: 0.5}
    lines = (tmp_path / "epochs.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [
        {"epoch": 1, "accuracy": 0.25, "loss": 1.5},
        {"epoch": 2, "accuracy": 0.5},
    ]


def test_a_line_that_was_cut_off_is_left_out_and_a_repeated_epoch_counts_as_last_told(tmp_path):
    own = context(tmp_path)
    own.report(1, 0.25)
    with (tmp_path / "epochs.jsonl").open("a") as file:
        file.write('{"epoch": 2, "accu\n')
    own.report(1, 0.75)
    assert own.reported == {1: 0.75}


@pytest.mark.parametrize(
    ("accuracy", "words"),
    [
        (93.1, r"report\(4, ...\) expects .* between 0 and 1, got 93.1; .* for example 0.931"),
        (float("nan"), "got nan; if the loss became nan, a smaller learning rate"),
        (None, "got None"),
        ("0.9", "got '0.9'"),
    ],
)
def test_what_is_no_fraction_is_refused_with_advice(tmp_path, accuracy, words):
    with pytest.raises(TrainingError, match=words):
        context(tmp_path).report(4, accuracy)


def test_other_scores_that_are_higher_where_better_may_be_negative(tmp_path):
    own = context(tmp_path)
    own.report(1, -0.7)
    assert own.reported == {1: -0.7}


def test_a_second_argument_is_a_context_unless_it_has_a_default_of_its_own():
    assert takes_context(lambda architecture, context: 0)
    assert takes_context(lambda architecture, where: 0)
    assert takes_context(lambda architecture, context=None: 0)
    assert not takes_context(lambda architecture: 0)
    assert not takes_context(lambda architecture, seed=0: 0)
    assert not takes_context(lambda architecture, *, context: 0)
    assert not takes_context(max)


def test_contexts_are_equal_for_equal_trials_and_differ_between_networks(tmp_path):
    places = [Workplace(tmp_path / "t", seed=2, device="cpu") for _ in range(2)]
    first, again = (place.context(proposal_of(7)) for place in places)
    assert first == again
    assert first.folder == tmp_path / "t" / first.folder.name
    assert first.folder.is_dir()
    assert first.folder.name.startswith("00007-")
    other = places[0].context(proposal_of(8))
    assert other.seed != first.seed
    assert other.folder != first.folder
    assert Workplace(tmp_path, seed=3, device="cpu").context(proposal_of(7)).seed != first.seed


def test_files_of_an_earlier_study_of_that_name_are_moved_aside(tmp_path):
    folder = tmp_path / "s-trials"
    (tmp_path / "s-trials.1").mkdir()
    folder.mkdir()
    (folder / "old").write_text("mine")
    place = Workplace(folder, device="cpu", is_new=True)
    place.context(proposal_of(0))
    place.context(proposal_of(1))
    assert (tmp_path / "s-trials.2" / "old").read_text() == "mine"
    assert sorted(each.name[:5] for each in folder.iterdir()) == ["00000", "00001"]


def test_a_temporary_folder_is_gone_with_its_workplace():
    place = Workplace(device="cpu")
    folder = place.context(proposal_of(0)).folder
    assert folder.is_dir()
    del place
    assert not folder.exists()


def test_a_gpu_that_is_not_there_is_a_failed_trial_with_advice(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    evaluator = FunctionEvaluator(lambda a, c: 0.5, Workplace(device="cuda:1"))
    reason = evaluator.evaluate(proposal_of(0)).reason
    assert "expected a GPU for device 'cuda:1', torch sees none; train on the processor" in reason
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    assert Workplace(device="cuda:1").device == "cuda:1"
    assert Workplace().device == "cuda"
    evaluator = FunctionEvaluator(lambda a, c: 0.5, Workplace(device="cuda:2"))
    reason = evaluator.evaluate(proposal_of(0)).reason
    assert "'cuda:2', torch sees 2, numbered from 0; give cuda:0 or cuda:1" in reason


def test_a_device_that_nobody_knows_is_refused():
    with pytest.raises(TrainingError, match="got 'tpu'; it is one of auto, cpu, cuda"):
        Workplace(device="tpu")


def test_a_full_disk_is_a_failed_trial(monkeypatch, tmp_path):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(workplace_room.Path, "mkdir", full)
    evaluator = FunctionEvaluator(lambda a, c: 0.5, Workplace(tmp_path / "t", device="cpu"))
    evaluation = evaluator.evaluate(proposal_of(0))
    assert evaluation.status is Status.FAILED
    assert "No space left on device" in evaluation.reason


def test_per_cent_is_refused_with_a_workplace_and_any_number_is_fine_without():
    assert FunctionEvaluator(lambda _: 93.1).evaluate(proposal_of(0)).accuracy == 93.1
    evaluation = FunctionEvaluator(
        lambda _: {"accuracy": 93.1, "latency_ms": 4.0}, Workplace(device="cpu")
    ).evaluate(proposal_of(0))
    assert evaluation.status is Status.FAILED
    assert "got 93.1; divide per cent by 100, for example 0.931" in evaluation.reason
    assert evaluation.metrics == {"latency_ms": 4.0}


def test_a_training_past_its_time_is_no_ordinary_failure():
    def train(_):
        raise TrainingTimeError("it took too long; raise the limit")

    evaluation = FunctionEvaluator(train).evaluate(proposal_of(0))
    assert evaluation.status is Status.TIMED_OUT
    assert evaluation.reason == "it took too long; raise the limit"
