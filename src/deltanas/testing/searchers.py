"""What every searcher promises, as tests to inherit."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.search import RandomSearch, Searcher
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201, SearchSpace

Answer = Callable[[Proposal], Trial]


class SearcherContract(ABC):
    """The promises of `Searcher`, for pytest.

    Inherit and say how to make the searcher; every test runs on it:

        class TestMySearcher(SearcherContract):
            def make(self, space: SearchSpace, seed: int) -> Searcher:
                return MySearcher(space, seed=seed, starts=4)

    The name of the subclass must start with `Test`, as pytest wants it. Every loop is
    bounded, so a searcher that repeats itself fails instead of running for ever.
    """

    steps = 16
    """Proposals that a test asks for one by one; lower it for a slow searcher."""

    @abstractmethod
    def make(self, space: SearchSpace, seed: int) -> Searcher:
        """A fresh searcher of the space."""

    def small_space(self) -> SearchSpace:
        """A space that can be exhausted: 3 x 3 x 2 = 18 networks, and one fixed decision."""
        options = {"width": (8, 16, 32), "depth": (1, 2, 3), "skip": (False, True), "stem": ("a",)}
        return BlockSpace(options)

    def large_space(self) -> SearchSpace:
        """A space with functionally equal architectures."""
        return NasBench201()

    def test_proposals_are_numbered_new_and_valid(self) -> None:
        space = self.large_space()
        trials = run(self.make(space, 3), finished, self.steps)
        assert [trial.number for trial in trials] == list(range(self.steps))
        assert all(trial.architecture in space for trial in trials)
        assert_no_network_twice(trials)

    def test_edits_lead_from_the_parent_to_the_child(self) -> None:
        space = self.large_space()
        trials = run(self.make(space, 4), finished, self.steps)
        for trial in trials:
            proposal = trial.proposal
            if proposal.parent is None:
                assert proposal.edits == ()
            else:
                parent = trials[proposal.parent]
                assert parent.number < trial.number
                assert parent.accuracy is not None
                code = parent.architecture.code
                for edit in proposal.edits:
                    code = edit.apply(space.decisions, code)
                assert code == trial.architecture.code

    def test_first_proposals_are_the_same_for_all_searchers(self) -> None:
        space = self.large_space()
        searcher = self.make(space, 5)
        yardstick = RandomSearch(space, seed=5, starts=searcher.starts)
        assert architectures(searcher, searcher.starts) == architectures(yardstick, searcher.starts)
        assert architectures(searcher, 1) != architectures(self.make(space, 6), 1)

    def test_a_fresh_searcher_continues_as_the_old_one(self) -> None:
        space = self.large_space()
        old = self.make(space, 7)
        trials: list[Trial] = []
        for _ in range(self.steps):
            history = History(trials)
            proposals = old.propose(history)
            assert self.make(space, 7).propose(history) == proposals
            assert old.propose(history) == proposals, "asking twice gives two answers"
            trials += map(finished, proposals)

    def test_order_of_arrival_carries_no_information(self) -> None:
        space = self.large_space()
        trials = run(self.make(space, 8), finished, self.steps)
        shuffled = [trials[place] for place in generator(8, "shuffle").permutation(len(trials))]
        searcher = self.make(space, 8)
        assert searcher.propose(History(trials), 3) == searcher.propose(History(shuffled), 3)

    def test_batches_with_trials_under_way_hold_no_network_twice(self) -> None:
        space = self.large_space()
        searcher = self.make(space, 9)
        trials: list[Trial] = []
        for batch in range(6):
            proposals = searcher.propose(History(trials), 5)
            assert len(proposals) == 5
            # The oldest three of each batch end; the others run on until the next round.
            trials = [finished(trial.proposal) for trial in trials]
            trials += [*map(finished, proposals[:3]), *map(Trial, proposals[3:])]
            assert len(trials) == 5 * (batch + 1)
        assert_no_network_twice(trials)

    def test_a_small_space_is_exhausted_and_then_nothing_is_left(self) -> None:
        for batch in (1, 5):
            self._assert_exhausts(finished, batch)

    def test_failures_do_not_stop_the_search(self) -> None:
        self._assert_exhausts(every_second_failed, 1)
        self._assert_exhausts(failed, 4)

    def test_nothing_finished_yet_is_no_obstacle(self) -> None:
        self._assert_exhausts(Trial, 1)

    def _assert_exhausts(self, answer: Answer, batch: int) -> None:
        space = self.small_space()
        searcher = self.make(space, 2)
        trials: list[Trial] = []
        for _ in range(space.size):
            proposals = searcher.propose(History(trials), batch)
            left = space.size - len(trials)
            assert len(proposals) <= batch
            assert bool(proposals) == bool(left), f"{left} networks left, got {proposals!r}"
            trials += map(answer, proposals)
        assert_no_network_twice(trials)
        assert len(trials) == space.size
        assert searcher.propose(History(trials), batch) == []


def finished(proposal: Proposal) -> Trial:
    """The proposal with an accuracy in (0, 1) that depends on its choices in a rugged way."""
    code = proposal.architecture.code
    accuracy = sum((7 * place + 3) * (option + 1) % 11 for place, option in enumerate(code))
    return Trial(
        proposal,
        Evaluation(proposal.number, Status.FINISHED, (accuracy + 0.5) / (10 * len(code) + 1)),
    )


def failed(proposal: Proposal) -> Trial:
    """The proposal as one that could not be trained."""
    return Trial(proposal, Evaluation(proposal.number, Status.FAILED, reason="made to fail"))


def every_second_failed(proposal: Proposal) -> Trial:
    """The proposal, failed if its number is even."""
    return finished(proposal) if proposal.number % 2 else failed(proposal)


def run(searcher: Searcher, answer: Answer, steps: int) -> list[Trial]:
    """The first trials of a search that asks for one at a time."""
    trials: list[Trial] = []
    for _ in range(steps):
        trials += map(answer, searcher.propose(History(trials)))
    return trials


def architectures(searcher: Searcher, n: int) -> list[str]:
    """The first `n` architectures that it proposes, as JSON."""
    return [proposal.architecture.to_json() for proposal in searcher.propose(History(), n)]


def assert_no_network_twice(trials: Sequence[Trial]) -> None:
    """All keys differ."""
    keys = [trial.architecture.key for trial in trials]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    assert not twice, f"proposed more than once: {twice}"
