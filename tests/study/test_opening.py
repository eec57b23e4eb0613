"""Databases with a URL; SQLite stands in for the servers that Optuna supports."""

import sqlite3
from contextlib import closing

import pytest

from deltanas.errors import StudyError, StudyMismatchError
from deltanas.search import RandomSearch
from deltanas.spaces import BlockSpace
from deltanas.study import Description, lease
from deltanas.study.ledger import Ledger
from deltanas.study.measuring import Gate
from deltanas.study.opening import open_to_continue, open_to_read
from deltanas.study.place import Place
from deltanas.study.provisions import Provisions
from deltanas.study.values import Values
from tests.study import dying_process

SPACE = BlockSpace({"depth": (1, 2, 3), "act": ("relu", "gelu")})


@pytest.fixture
def place(tmp_path, monkeypatch):
    # Places of SQLite URLs are files; this one is made to be treated as a server's.
    for module, name, seconds in dying_process.QUICK:
        monkeypatch.setattr(module, name, seconds)
    return Place(url=f"sqlite:///{tmp_path / 'server.db'}")


def description(seed=0):
    return Description.of(RandomSearch(SPACE, seed=seed), None)


def open_ledger(place, name="deltanas", seed=0):
    provisions = Provisions(Gate(SPACE, None))
    return Ledger(RandomSearch(SPACE, seed=seed), place, name, description(seed), None, provisions)


def test_a_database_holds_several_studies_and_each_goes_on(place):
    first, second = open_ledger(place, "first"), open_ledger(place, "second", seed=1)
    with first.working(), second.working():
        made = first.propose(2), second.propose(1)
    for each in (first, second):
        each.close()
    again = open_ledger(place, "first"), open_ledger(place, "second", seed=1)
    assert [each.left_over(9) for each in again] == [*made]
    with pytest.raises(StudyMismatchError, match="made with seed 0, got 1"):
        open_ledger(place, "first", seed=1)
    with pytest.raises(StudyError, match="no study 'third' in sqlite:.* are: 'first', 'second'"):
        open_to_read(place, "third")


def test_a_study_whose_maker_died_before_describing_it_is_described(place, tmp_path):
    open_ledger(place)
    with closing(sqlite3.connect(tmp_path / "server.db")) as connection:
        connection.execute("DELETE FROM study_user_attributes")
        connection.commit()
    with pytest.raises(StudyError, match="was not made by deltanas"):
        open_to_read(place, "deltanas")
    open_to_continue(place, "deltanas", description(seed=4), Values())
    assert open_to_read(place, "deltanas")[2] == description(seed=4)


def test_two_processes_on_one_study_are_noticed_even_if_each_believes_it_is_alone(
    place, monkeypatch
):
    monkeypatch.setattr(lease.Lease, "check", lambda _: None)
    monkeypatch.setattr(lease.Lease, "_wait_until_free", lambda _: None)
    one, two = open_ledger(place), open_ledger(place)
    with one.working(), two.working():
        one.propose(1)
        with pytest.raises(StudyError, match="got a trial 0 from another process; let one process"):
            two.propose(1)


def test_a_server_that_is_not_there_is_told_without_the_password():
    place = Place(url="postgresql://ann:secret@127.0.0.1:1/studies")
    with pytest.raises(StudyError, match=r"opening the study postgresql://ann:\*\*\*@127") as error:
        open_to_read(place, "deltanas")
    assert "secret" not in str(error.value)
