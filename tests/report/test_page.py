import dataclasses
from html.parser import HTMLParser

import numpy as np
import pytest

from deltanas.records import Evaluation, History, Proposal, Status, Trial
from deltanas.report import Subject, summarize, write_report
from deltanas.report.page import escaped
from deltanas.spaces import BlockSpace


class Reader(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    return reader


@pytest.fixture
def page_of(tmp_path):
    return lambda subject: write_report(summarize(subject), tmp_path).read_text("utf-8")


@pytest.fixture(scope="module")
def text(summary, tmp_path_factory):
    return write_report(summary, tmp_path_factory.mktemp("page")).read_text("utf-8")


def test_the_page_says_what_was_found_and_how(text):
    words = " ".join(read(text).text)
    for part in (
        "small:table: 73.00 % after 5 evaluations",
        "2 of 6",
        "7.00 points",
        "54.00 %",
        "5 (1 failed)",
        "width=16, act=gelu",
        "out of memory",
        "delta-evolution, seed 7",
        "Nobody, A Table, 2026",
        "deltanas search small",
    ):
        assert part in words, part


def test_choices_are_a_table_where_there_is_no_cell(text):
    words = [text.strip() for text in read(text).text]
    where = words.index("The best architecture")
    assert words[where:].index("width") < words[where:].index("16") < words[where:].index("gelu")


def test_the_page_asks_nothing_of_a_network_and_runs_nothing(text):
    reader = read(text)
    assert not {"script", "link", "iframe", "img", "object", "embed", "form"} & set(reader.tags)
    for tag, name, value in reader.attributes:
        if name in ("href", "xlink:href", "src", "srcset", "data", "action"):
            assert value.startswith("#"), (tag, name, value)
        assert not name.startswith("on"), (tag, name)
    assert "@import" not in text
    assert "url(http" not in text
    assert ("meta", "content", "default-src 'none'; style-src 'unsafe-inline'") in reader.attributes
    assert len(text) < 1_500_000


def test_figures_are_described_for_those_who_cannot_see_them(text):
    reader = read(text)
    assert reader.tags.count("svg") == 3
    labels = [
        value for tag, name, value in reader.attributes if (tag, name) == ("svg", "aria-label")
    ]
    assert labels[0].startswith("delta-evolution reached 73.00 %")


def test_hostile_names_do_nothing(page_of):
    evil = "<script>alert(1)</script>\"'&\x1b[31m"
    space = BlockSpace({evil: (evil + "1", evil + "2"), "b": (1, 2)}, name=evil)
    trials = [
        Trial(Proposal(i, each), Evaluation(i, Status.FINISHED, 0.1 * i))
        for i, each in enumerate(space.from_codes(np.array([[0, 0], [1, 0], [1, 1]])))
    ]
    last = space.from_codes(np.array([[0, 1]]))[0]
    trials.append(Trial(Proposal(3, last), Evaluation(3, Status.FAILED, reason=evil)))
    text = page_of(Subject(space, History(trials), evil, 0, command=evil))
    reader = read(text)
    assert "script" not in reader.tags
    assert "<script" not in text.lower()
    assert "\x1b" not in text
    assert "alert(1)" in "".join(reader.text)  # shown, as text


def test_control_characters_and_markup_are_taken_out():
    assert escaped("a\x00\x1b[1m<b>\n'\ud800") == "a &lt;b&gt; &#x27;"


def test_a_single_training_is_told_from_the_mean(subject, page_of):
    text = page_of(dataclasses.replace(subject, signal="one-run"))
    assert "mean of its trainings" in text
    assert "signal: one-run" in text


@pytest.mark.parametrize("accuracy", [0.0, 1.0, -3.5, 250.0])
def test_any_score_can_be_reported(space, trial, accuracy, page_of):
    history = History([trial(0, 8, "relu", accuracy)])
    assert "after 1 evaluation" in page_of(Subject(space, history, "random", 0))


def test_a_score_that_is_no_fraction_is_shown_as_it_is(space, trial, page_of):
    first = trial(0, 8, "relu", -0.0412)
    others = [
        trial(1, 16, "relu", -0.03, first, 0.01, 0.002),
        trial(2, 16, "gelu", -0.05, first, -0.004, 0.002),
        trial(3, 32, "relu", -0.0299, first, 0.02, 0.002),
    ]
    subject = Subject(space, History([first, *others]), "delta-evolution", 7)
    words = " ".join(read(page_of(subject)).text)
    for part in ("-0.0299 after 4", "validation score", "+0.0112", "+0.01 ± 0.002"):
        assert part in words, part
    for part in ("%  ", "accuracy %", "-4.12", "points", "per cent"):
        assert part not in words, part
