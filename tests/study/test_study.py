import math
import threading

import pytest

from deltanas.errors import (
    AllTrialsFailedError,
    BudgetError,
    ProjectError,
    ProtocolError,
    SpaceExhaustedError,
    StudyError,
    StudyMismatchError,
    UnknownNameError,
)
from deltanas.evaluation import Evaluator, SequentialEvaluator
from deltanas.limits import limited
from deltanas.records import Evaluation, Status
from deltanas.search import RandomSearch
from deltanas.seeds import SeedError
from deltanas.spaces import BlockSpace
from deltanas.study import Ending, Evaluated, Halving, Proposed, Study
from deltanas.study.loop import checked_budget

WIDE = BlockSpace({f"d{place}": (0, 1, 2, 3) for place in range(6)})
SPACE = BlockSpace({"depth": (1, 2, 3), "width": (8, 16), "act": ("relu", "gelu")})


def train(architecture):
    return architecture["depth"] / (4 + architecture["width"])


def random_study(function=train, **settings):
    return Study(SPACE, function, method="random", **settings)


def test_a_run_evaluates_up_to_the_budget_and_says_why_it_ended():
    study = random_study()
    assert study.run(3) is Ending.BUDGET_REACHED
    assert study.run(3) is Ending.NOTHING_TO_DO
    assert study.run(2) is Ending.NOTHING_TO_DO
    assert study.run(5) is Ending.BUDGET_REACHED
    assert [each.number for each in study.trials] == [0, 1, 2, 3, 4]
    assert study.run(1000) is Ending.SPACE_EXHAUSTED
    assert study.run(1000) is Ending.SPACE_EXHAUSTED
    assert len(study.history) == SPACE.size
    # The best is depth 3 at width 8, 3 of 4 + 8.
    assert study.best.accuracy == 0.25
    assert study.best.architecture["depth"] == 3
    assert study.best.architecture["width"] == 8


def test_proposals_are_those_of_the_searcher():
    study = Study(SPACE, train, seed=7)
    study.run(2)
    other = Study(SPACE, train, method="random", seed=7)
    other.run(2)
    assert study.description.method == "delta-evolution"
    assert [each.architecture for each in study.trials] == [
        each.architecture for each in other.trials
    ]


def test_the_watcher_sees_every_change_in_order():
    events = []
    study = random_study(lambda each: train(each) if each["depth"] > 1 else 1 / 0)
    study.run(12, events.append)
    trials = study.trials
    assert events[::2] == [Proposed(each.proposal, 12) for each in trials]
    assert [event.trial for event in events[1::2]] == list(trials)
    assert [event.done for event in events[1::2]] == list(range(1, 13))
    best = None
    for event, trial in zip(events[1::2], trials, strict=True):
        if trial.accuracy is not None and (best is None or trial.accuracy > best.accuracy):
            best = trial
        assert event.best == best
        assert isinstance(event, Evaluated)


@pytest.mark.parametrize("budget", [0, -3, True, 2.0, math.nan, math.inf, "60", None])
def test_a_budget_that_is_no_positive_whole_number_is_refused(budget):
    with pytest.raises(BudgetError, match=r"whole number of trainings, 1 or more, got .*budget=60"):
        checked_budget(budget)


def test_run_checks_its_budget():
    for budget in (0, -1, True):
        with pytest.raises(BudgetError):
            random_study().run(budget)


def test_failures_are_trials_with_a_reason_and_the_search_goes_on():
    answers = {1: None, 2: "good", 3: math.nan}
    study = random_study(lambda each: answers[each["depth"]] if each["width"] == 8 else 0.5)
    study.run(12)
    reasons = {
        each.architecture["depth"]: each.evaluation.reason
        for each in study.trials
        if each.accuracy is None
    }
    assert len(study.history.finished) == 6
    assert "got None" in reasons[1]
    assert "got 'good' (str)" in reasons[2]
    assert "got nan" in reasons[3]


def test_five_failures_without_a_success_stop_the_run_with_the_first_reason():
    numbers = iter(range(100))

    def fail(_):
        raise OSError(f"attempt {next(numbers)} found no data")

    study = random_study(fail)
    with pytest.raises(
        AllTrialsFailedError, match=r"got 5 failures.*first was trial 0 \(OSError: at"
    ):
        study.run(12)
    assert len(study.trials) == 5


def test_fewer_failures_stop_it_at_the_end_of_the_budget():
    with pytest.raises(AllTrialsFailedError, match="got 2 failures and no accuracy; the first was"):
        random_study(lambda _: 1 / 0).run(2)


def test_one_success_is_enough_to_go_on():
    answers = iter([1 / 4, *["bad"] * 11])
    assert random_study(lambda _: next(answers)).run(12) is Ending.BUDGET_REACHED


class Limit(SequentialEvaluator):
    """Trains nothing, because every architecture breaks a limit."""

    def evaluate(self, proposal):
        return Evaluation(proposal.number, Status.INFEASIBLE, reason="too large")


def test_infeasible_architectures_are_no_failures():
    study = random_study(Limit())
    assert study.run(12) is Ending.BUDGET_REACHED
    assert {each.evaluation.status for each in study.trials} == {Status.INFEASIBLE}


def test_ask_and_tell():
    study = random_study(None)
    trial = study.ask()
    assert (trial.number, trial.accuracy) == (0, None)
    told = study.tell(trial, 0.5, seconds=3.5, metrics={"loss": 2.0})
    assert told.evaluation == Evaluation(0, Status.FINISHED, 0.5, 3.5, metrics={"loss": 2.0})
    assert study.best == told
    second, third = study.ask(), study.ask()
    assert study.tell(third.proposal, 0.25).number == 2
    assert study.tell(second.number, "high").evaluation.reason.startswith(
        "expected a finite number"
    )
    assert [each.accuracy for each in study.trials] == [0.5, None, 0.25]


def test_telling_nothing_is_a_failure():
    study = random_study(None)
    assert study.tell(study.ask()).evaluation.reason == "told without an accuracy"
    assert study.tell(study.ask(), reason="out of memory").evaluation.reason == "out of memory"


def test_asking_equals_running():
    asked, run = random_study(None, seed=3), random_study(seed=3)
    run.run(6)
    for _ in range(6):
        trial = asked.ask()
        asked.tell(trial, train(trial.architecture))
    assert [each.proposal for each in asked.trials] == [each.proposal for each in run.trials]


def test_a_result_is_told_once_and_only_for_what_was_asked():
    study = random_study(None)
    trial = study.ask()
    study.tell(trial, 0.5)
    with pytest.raises(ProtocolError, match="result for trial 0, which has its result already"):
        study.tell(trial, 0.75)
    with pytest.raises(ProtocolError, match="result for trial 7, which was never proposed"):
        study.tell(7, 0.75)
    assert study.best.accuracy == 0.5


def test_asking_when_nothing_is_left_says_so():
    study = random_study()
    study.run(12)
    with pytest.raises(
        SpaceExhaustedError, match="all 12 networks of space 'blocks' were proposed"
    ):
        study.ask()


def test_running_leaves_alone_what_was_asked():
    study = random_study()
    trial = study.ask()
    assert study.run(3) is Ending.BUDGET_REACHED
    assert [each.accuracy is None for each in study.trials] == [True, False, False]
    study.tell(trial, 0.5)
    assert study.run(3) is Ending.NOTHING_TO_DO


class TwoAtATime(Evaluator):
    """Answers in reverse order of submission, when two are there or nothing else comes."""

    def __init__(self):
        self.waiting = []
        self.most = 0

    @property
    def capacity(self):
        return 2 - len(self.waiting)

    def submit(self, proposal):
        self.waiting.append(proposal)
        self.most = max(self.most, len(self.waiting))

    def collect(self):
        proposal = self.waiting.pop()
        return [Evaluation(proposal.number, Status.FINISHED, train(proposal.architecture))]

    def cancel(self, number):
        self.waiting = [each for each in self.waiting if each.number != number]


def test_an_evaluator_with_room_for_two_is_kept_busy():
    evaluator = TwoAtATime()
    study = random_study(evaluator)
    assert study.run(7) is Ending.BUDGET_REACHED
    assert evaluator.most == 2
    assert evaluator.waiting == []
    assert all(each.accuracy == train(each.architecture) for each in study.trials)
    assert study.run(100) is Ending.SPACE_EXHAUSTED
    assert len(study.trials) == 12


def test_an_interrupted_run_cancels_what_is_under_way():
    evaluator = TwoAtATime()
    study = random_study(evaluator)

    def stop(event):
        if isinstance(event, Evaluated):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.run(7, stop)
    assert evaluator.waiting == []
    assert study.run(7) is Ending.BUDGET_REACHED
    assert len(study.history.finished) == 7


def test_a_searcher_of_the_users_is_taken_with_its_seed():
    study = Study(SPACE, train, method=RandomSearch(SPACE, seed=9, starts=2))
    assert (study.description.seed, study.description.settings["starts"]) == (9, 2)
    with pytest.raises(StudyMismatchError, match="the searcher has seed 9, the study got seed 3"):
        Study(SPACE, train, method=RandomSearch(SPACE, seed=9), seed=3)
    other = BlockSpace({"a": (1, 2)})
    with pytest.raises(StudyMismatchError, match="the searcher was made for BlockSpace"):
        Study(SPACE, train, method=RandomSearch(other, seed=9))


def test_methods_seeds_and_functions_are_checked():
    with pytest.raises(UnknownNameError, match="no method 'randon'; did you mean random"):
        Study(SPACE, train, method="randon")
    with pytest.raises(SeedError, match="got -1"):
        Study(SPACE, train, seed=-1)
    with pytest.raises(StudyError, match=r"run\(\) has nothing to evaluate with; give Study"):
        Study(SPACE).run(3)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"seed": 4}, "made with seed 0, got 4"),
        ({"method": "local-search"}, "made with method random, got local-search"),
        ({"benchmark": "nasbench201:cifar10"}, "with benchmark none, got nasbench201:cifar10"),
    ],
)
def test_a_study_made_with_something_else_is_refused(tmp_path, settings, words):
    path = tmp_path / "study.db"
    random_study(storage=path).run(2)
    before = path.read_bytes()
    with pytest.raises(StudyMismatchError) as error:
        Study(SPACE, train, storage=path, **({"method": "random"} | settings))
    assert words in str(error.value)
    assert path.read_bytes() == before


def test_a_study_of_another_space_is_refused(tmp_path):
    path = tmp_path / "study.db"
    random_study(storage=path)
    other = BlockSpace({"depth": (1, 2, 3, 4), "width": (8, 16), "act": ("relu", "gelu")})
    with pytest.raises(StudyMismatchError, match="with depth: 1, 2, 3, got with depth: 1, 2, 3, 4"):
        Study(other, train, storage=path, method="random")


class OtherKeys(BlockSpace.__mro__[1]):
    """The same decisions with another notion of which networks are the same."""

    def __init__(self):
        super().__init__(SPACE.name, SPACE.decisions, size=SPACE.size)

    def are_valid(self, codes):
        return SPACE.are_valid(codes)

    def keys(self, codes):
        return [f"other {key}" for key in SPACE.keys(codes)]

    def sample_codes(self, n, rng):
        return SPACE.sample_codes(n, rng)

    def features(self, codes):
        return SPACE.features(codes)


def test_a_space_that_now_gives_other_keys_is_refused(tmp_path):
    path = tmp_path / "study.db"
    random_study(storage=path).run(1)
    with pytest.raises(StudyMismatchError, match=r"knows trial 0 by the key .* now gives 'other "):
        Study(OtherKeys(), train, storage=path, method="random")


def test_several_studies_live_in_one_database_under_their_names(tmp_path):
    path = tmp_path / "study.db"
    random_study(storage=path, name="first").run(1)
    with pytest.raises(StudyError, match=r"no study 'second' in .*, its studies are: 'first'"):
        random_study(storage=path, name="second")
    assert len(Study.open(path, name="first").trials) == 1


PRICED = BlockSpace(
    {"depth": (1, 2, 3), "width": (8, 16)},
    costs=lambda each: {"params": each["depth"] * each["width"]},
)


def test_a_searcher_without_the_limits_of_the_study_is_refused():
    searcher = RandomSearch(PRICED, seed=0)
    with pytest.raises(
        StudyMismatchError, match=r"made for no limits, the study got params ≤ 16; "
    ):
        Study(PRICED, train, method=searcher, limits=["params<=16"])
    other = RandomSearch(limited(PRICED, ["params<=24"]), seed=0)
    with pytest.raises(StudyMismatchError, match="made for params ≤ 24, the study got params ≤ 16"):
        Study(PRICED, train, method=other, limits=["params<=16"])


@pytest.mark.parametrize("limits", [[], ["params<=16"]])
def test_a_searcher_with_limits_keeps_to_them_and_the_study_says_so(limits):
    searcher = RandomSearch(limited(PRICED, ["params<=16"]), seed=0)
    study = Study(PRICED, train, method=searcher, limits=limits)
    assert study.run(10) is Ending.SPACE_EXHAUSTED
    assert study.description.limits == ("params<=16.0",)
    assert study.space is searcher.space
    assert {each.architecture["depth"] * each.architecture["width"] for each in study.trials} == {
        8,
        16,
    }


def test_threads_take_turns(tmp_path):
    study = Study(WIDE, seed=0, storage=tmp_path / "s.db")
    errors = []

    def work():
        try:
            for _ in range(6):
                trial = study.ask()
                study.tell(trial, sum(trial.architecture.code) / 20)
        except Exception as error:  # noqa: BLE001 - shown below
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert errors == []
    assert [each.number for each in study.trials] == list(range(24))
    assert len(study.history.keys) == len(study.history.finished) == 24


def test_halving_needs_somebody_to_tell_epochs_to():
    with pytest.raises(ProjectError, match="two arguments for successive halving, train takes one"):
        Study(SPACE, train, halving=Halving())
