from collections import Counter

from deltanas.records import History
from deltanas.search import RandomSearch
from deltanas.spaces import BlockSpace
from deltanas.testing import SearcherContract
from deltanas.testing.searchers import finished, run


class TestRandomSearch(SearcherContract):
    def make(self, space, seed):
        return RandomSearch(space, seed=seed, starts=4)


def test_every_network_is_equally_likely_to_come_next():
    # 300 seeds, 6 networks: 50 each expected; chi-square with 5 degrees of freedom is below
    # 20.5 in 99.9 % of cases.
    space = BlockSpace({"a": (1, 2, 3), "b": ("x", "y")})
    first = Counter(
        RandomSearch(space, seed=seed, starts=1).propose(History())[0].architecture
        for seed in range(300)
    )
    assert sum((first[architecture] - 50) ** 2 / 50 for architecture in space) < 20.5


def test_it_learns_nothing_from_accuracies():
    space = BlockSpace({"a": range(6), "b": range(7)})
    searcher = RandomSearch(space, seed=1, starts=2)
    for trial in run(searcher, finished, 10):
        assert trial.proposal.parent is None
        assert trial.proposal.predicted_delta is None
