"""Weights handed on in a study: whose they are, what is stored of it, exact resume."""

import pytest

from deltanas.errors import BudgetError, ProjectError, StudyError, StudyMismatchError
from deltanas.records import Donor, Evaluation, History, Proposal, Status, Trial
from deltanas.spaces import BlockSpace
from deltanas.study import Halving, Inheritance, Study
from deltanas.study.inheritance import checked_inheritance
from deltanas.study.rows import attributes_of, proposal_of

SPACE = BlockSpace({"a": [1, 2, 3], "b": [1, 2, 3], "c": [1, 2, 3]})


def architecture(a, b, c):
    return SPACE.architecture({"a": a, "b": b, "c": c})


def trial(number, choices, accuracy):
    status = Status.FAILED if accuracy is None else Status.FINISHED
    evaluation = Evaluation(number, status, accuracy)
    return Trial(Proposal(number, architecture(*choices)), evaluation)


def donor(most_edits, *trials):
    found = Inheritance(most_edits).donor(architecture(1, 1, 1), History(trials))
    return None if found is None else found.number


def test_the_donor_is_the_nearest_finished_one_then_the_best_then_the_oldest():
    two_away = trial(0, (2, 2, 1), 0.9)
    failed = trial(1, (1, 1, 3), None)
    good = trial(2, (1, 2, 1), 0.7)
    as_good = trial(3, (1, 3, 1), 0.7)
    poor = trial(4, (3, 1, 1), 0.6)
    assert donor(1) is None
    assert donor(1, two_away, failed) is None
    assert donor(2, two_away, failed) == 0
    assert donor(2, two_away, failed, poor) == 4
    assert donor(2, two_away, failed, good, as_good, poor) == 2
    running = Trial(Proposal(5, architecture(2, 1, 1)))
    assert donor(1, two_away, running) is None


def test_a_donor_comes_back_from_the_store_and_an_altered_one_is_refused():
    proposal = Proposal(7, architecture(1, 2, 3), donor=Donor(4, "1-2-2"))
    stored = attributes_of(proposal)
    assert stored["donor"] == [4, "1-2-2"]
    assert proposal_of(7, stored, SPACE, "x.db") == proposal
    for altered in (4, [4], ["4", "1-2-2"], [-4, "1-2-2"], [4, "1-2-2", 1], {"number": 4}):
        with pytest.raises(StudyError, match="trial 7 of the study x.db was not stored by delt"):
            proposal_of(7, stored | {"donor": altered}, SPACE, "x.db")


class Trainer:
    """Each network is as good as its donor's file says, and a bit more; can be interrupted."""

    def __init__(self, dies_at=None):
        self.trainings, self.dies_at = 0, dies_at

    def __call__(self, architecture, context):
        self.trainings += 1
        if self.trainings == self.dies_at:
            raise KeyboardInterrupt
        inherited = float((context.donor / "skill").read_text()) if context.donor else 0.0
        skill = 0.8 * inherited + sum(architecture.code) / 100 + 0.01
        (context.folder / "skill").write_text(repr(skill))
        return {"accuracy": skill, "inherited": inherited}


def train(architecture, context):
    return Trainer()(architecture, context)


def search(path, trainer, budget=8, **settings):
    settings |= {"storage": path, "seed": 3, "method": "local-search"}
    with Study(SPACE, trainer, inheritance=Inheritance(), **settings) as made:
        made.run(budget)
        return made.trials


def check_donors(trials):
    """Every training began with what its donor left, and the donor had ended before."""
    by_number = {each.number: each for each in trials}
    heirs = [each for each in trials if each.proposal.donor]
    for each in heirs:
        before = by_number[each.proposal.donor.number]
        assert before.number < each.number
        assert before.architecture.key == each.proposal.donor.key
        assert each.evaluation.metrics["inherited"] == before.accuracy
        changed = [
            x != y for x, y in zip(each.architecture.code, before.architecture.code, strict=True)
        ]
        assert sum(changed) == 1
    return len(heirs)


def test_trainings_get_the_folder_of_their_donor(tmp_path):
    trials = search(tmp_path / "s.db", Trainer())
    assert check_donors(trials) >= 4
    assert trials[0].proposal.donor is None


@pytest.mark.parametrize("dies_at", [2, 6])
def test_interrupted_it_goes_on_with_the_same_donors(tmp_path, dies_at):
    whole = search(tmp_path / "whole.db", Trainer())
    with pytest.raises(KeyboardInterrupt):
        search(tmp_path / "s.db", Trainer(dies_at))
    resumed = search(tmp_path / "s.db", Trainer())
    assert [each.proposal for each in resumed] == [each.proposal for each in whole]
    assert [each.accuracy for each in resumed] == [each.accuracy for each in whole]


@pytest.mark.process
def test_trainings_in_other_processes_inherit_too(tmp_path):
    assert check_donors(search(tmp_path / "s.db", train, workers=2)) >= 3


def test_a_donor_whose_folder_is_gone_is_none(tmp_path):
    search(tmp_path / "s.db", Trainer(), 2)
    for folder in (tmp_path / "s-trials").iterdir():
        (folder / "skill").unlink()
        folder.rmdir()
    trials = search(tmp_path / "s.db", Trainer())
    heirs = [each.proposal.donor.number for each in trials if each.proposal.donor]
    assert {0, 1} & set(heirs)
    for each in trials[2:]:
        if each.proposal.donor and each.proposal.donor.number < 2:
            assert each.evaluation.metrics["inherited"] == 0


def test_other_settings_do_not_continue_a_study(tmp_path):
    search(tmp_path / "s.db", Trainer(), 2)
    with pytest.raises(StudyMismatchError, match="inherited weights of most_edits 1, got none"):
        Study(SPACE, Trainer(), storage=tmp_path / "s.db", seed=3)


def test_what_cannot_inherit_is_refused():
    with pytest.raises(BudgetError, match="over 1 edit or more, got most_edits=0; give"):
        Inheritance(0)
    with pytest.raises(BudgetError, match="those that inherit weights are ahead; got both"):
        checked_inheritance(Inheritance(), Halving(), train)
    with pytest.raises(ProjectError, match="two arguments for inheritance, <lambda> takes"):
        Study(SPACE, lambda architecture: 0.5, inheritance=Inheritance())
