import pytest

from deltanas.compare import plan as planning
from deltanas.compare import roster
from deltanas.compare.plan import LARGEST_SEED, Task, check_installed, plan
from deltanas.compare.protocol import MOST_QUERIES, ComparisonError, Protocol
from deltanas.compare.roster import Cost, Entry, entry, names
from deltanas.errors import UnknownNameError
from deltanas.search import METHODS
from deltanas.seeds import SeedError

CIFAR = "nasbench201:cifar10"


def test_runs_are_paired_seed_by_seed():
    tasks = plan([CIFAR], ["random", "gp"], seeds=2, first_seed=30).tasks
    assert [(task.seed, task.method) for task in tasks] == [
        (30, "random"),
        (30, "gp"),
        (31, "random"),
        (31, "gp"),
    ]


def test_an_unknown_method_is_refused_with_near_names():
    with pytest.raises(UnknownNameError, match=r"no method 'bananna' .* did you mean bananas"):
        plan([CIFAR], ["bananna"], seeds=1)


def test_an_unknown_benchmark_is_refused_with_near_names():
    with pytest.raises(UnknownNameError, match=r"did you mean 'cifar100'"):
        plan(["nasbench201:cifar1000"], ["random"], seeds=1)
    with pytest.raises(UnknownNameError, match="ends in a data set"):
        plan(["nasbench201"], ["random"], seeds=1)


def test_a_method_that_is_known_to_be_absent_says_why():
    with pytest.raises(UnknownNameError, match=r"'neps' is absent .* torchvision"):
        entry("neps")


@pytest.fixture
def without_packages(monkeypatch):
    peer = Entry("needs things", "nobody", Cost.SECONDS, "nowhere:Peer", needs=("not_installed",))
    monkeypatch.setattr(roster, "ROSTER", {**roster.ROSTER, "peer": peer})


@pytest.mark.usefixtures("without_packages")
def test_a_peer_that_is_not_installed_is_listed_as_absent_and_the_others_run():
    found = plan([CIFAR], ["random", "peer"], seeds=1)
    assert found.methods == ("random",)
    assert found.absent == (("peer", "needs not_installed: pip install 'deltanas[peers]'"),)


@pytest.mark.usefixtures("without_packages")
def test_absent_peers_alone_are_nothing_to_run():
    with pytest.raises(ComparisonError, match="none of the methods can run: peer needs"):
        plan([CIFAR], ["peer"], seeds=1)


def test_nothing_to_do_is_refused():
    with pytest.raises(ComparisonError, match="got 0 seeds"):
        plan([CIFAR], ["random"], seeds=0)


def test_results_need_pyarrow(monkeypatch):
    monkeypatch.setattr(planning.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(ComparisonError, match=r"pip install 'deltanas\[compare\]'"):
        check_installed()


def test_settings_belong_to_the_name_and_to_a_part_of_their_own(tmp_path):
    one = Task(CIFAR, "gp:where=space", 3).part(tmp_path)
    assert one != Task(CIFAR, "gp", 3).part(tmp_path)
    assert one.is_relative_to(tmp_path)
    assert Task("../x", "/gp", 3).part(tmp_path).resolve().is_relative_to(tmp_path)


def test_every_searcher_of_ours_takes_part():
    places = {entry(name).place for name in names()}
    assert {f"search:{name}" for name in METHODS} <= places


def test_seeds_that_results_cannot_hold_are_refused():
    assert plan([CIFAR], ["random"], seeds=1, first_seed=LARGEST_SEED - 1).tasks[0].seed > 0
    with pytest.raises(SeedError, match="begin with a smaller one"):
        plan([CIFAR], ["random"], seeds=2, first_seed=LARGEST_SEED - 1)


def test_budgets_that_no_curve_can_hold_are_refused():
    assert Protocol(MOST_QUERIES).budget == MOST_QUERIES
    with pytest.raises(ComparisonError, match="up to 1,000,000 queries, got budget=1,000,001"):
        Protocol(MOST_QUERIES + 1)
