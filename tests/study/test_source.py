"""A training function that was edited: the study goes on, and says so."""

import functools
import logging

import pytest

from deltanas.report import report
from deltanas.spaces import BlockSpace
from deltanas.study import Study
from deltanas.study.source import digest_of, edit_words, edits_in, noted

SPACE = BlockSpace({"depth": (1, 2, 3), "width": (8, 16), "act": ("relu", "gelu")})


def first():
    def train(architecture):
        return architecture["depth"] / 10  # as published

    return train


def commented():
    def train(architecture):

        return architecture["depth"] / 10

    return train


def edited():
    def train(architecture):
        return architecture["depth"] / 5

    return train


class Trainer:
    def __call__(self, architecture):
        return architecture["depth"] / 10


def run(path, train, budget):
    with Study(SPACE, train, storage=path, method="random") as study:
        study.run(budget)
        return study.record.edits


def test_comments_and_blank_lines_are_no_edit():
    assert digest_of(first()) == digest_of(commented()) != digest_of(edited())
    assert digest_of(functools.partial(first())) == digest_of(first())
    assert digest_of(Trainer()) == digest_of(Trainer)


@pytest.mark.parametrize("function", [None, len, functools.partial(max)])
def test_a_function_without_source_has_no_digest(function):
    assert digest_of(function) is None


def test_an_edited_function_goes_on_and_is_told_everywhere(tmp_path, caplog):
    path = tmp_path / "study.db"
    assert run(path, first(), 3) == run(path, commented(), 4) == ()
    assert caplog.text == ""
    with caplog.at_level(logging.WARNING, "deltanas"):
        assert run(path, edited(), 6) == (4,)
    assert "the training function was edited after 4 trials; accuracies before" in caplog.text
    record = Study.open(path)
    assert record.edits == (4,)
    assert "Warning: the training function was edited after 4 trials" in report(
        record, tmp_path / "report"
    ).read_text("utf-8")


def test_an_edit_that_trained_nothing_is_forgotten(tmp_path):
    path = tmp_path / "study.db"
    run(path, first(), 3)
    assert run(path, edited(), 3) == (3,)
    assert run(path, first(), 5) == ()


def test_notes_that_were_altered_are_left_out():
    assert noted("x") == noted(None) == []
    assert edits_in(noted([["a", 0], ["b"], [1, 2], ["c", 7]])) == (7,)
    assert edit_words(()) == ""


def test_of_a_lambda_only_itself_counts():
    three = [digest_of(lambda a: a["depth"] / 10), 3]
    five = [digest_of(lambda a: a["depth"] / 10), 5]
    other = [digest_of(lambda a: a["depth"] / 5), 3]
    assert three[0] == five[0] != other[0]
    assert three[0] is not None


def test_which_of_several_lambdas_it_is_cannot_be_told():
    one, other = (lambda a: a["depth"]), (lambda a: a["width"])
    assert digest_of(one) is digest_of(other) is None
