import pytest

from deltanas import BlockSpace, Study
from deltanas.errors import StudyMismatchError
from tests.spaces.conditional import gpt


def train(architecture):
    heads = sum(architecture[name] for name in architecture if name.startswith("heads"))
    return (architecture["width"] + 2 * heads - 3 * (architecture["depth"] - 2) ** 2) / 100


@pytest.mark.parametrize("method", ["delta-evolution", "local-search", "regularized-evolution"])
def test_a_conditional_space_is_searched_stored_and_read(method, tmp_path):
    space = gpt()
    study = Study(space, train, storage=tmp_path / "s.db", method=method)
    study.run(budget=24)
    keys = [trial.architecture.key for trial in study.trials]
    assert len(set(keys)) == 24
    assert all(trial.architecture in space for trial in study.trials)
    again = Study(gpt(), train, storage=tmp_path / "s.db", method=method)
    assert again.trials == study.trials
    read = Study.open(tmp_path / "s.db")
    assert read.space.fingerprint() == space.fingerprint()
    assert read.trials == study.trials


def test_another_rule_is_another_study(tmp_path):
    options = {"a": (1, 2, 3), "b": (1, 2, 3)}
    Study(BlockSpace(options, rules=["a < b"]), storage=tmp_path / "s.db").ask()
    with pytest.raises(StudyMismatchError, match=r'made with space .*"a < b".*, got .*"a <= b"'):
        Study(BlockSpace(options, rules=["a <= b"]), storage=tmp_path / "s.db")
