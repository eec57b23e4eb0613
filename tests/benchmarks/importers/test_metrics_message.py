import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.benchmarks.importers.metrics_message import Evaluation, read_metrics
from tests.benchmarks.importers.records import double, metrics, varint


def test_a_message_worked_by_hand():
    # Field 1, 9 bytes: field 3 as eight bytes, 0.75. Field 2: 300 = 2 * 128 + 44.
    message = b"\x0a\x09\x19" + struct.pack("<d", 0.75) + b"\x10\xac\x02"
    found = read_metrics(message)
    assert found.parameters == 300
    assert found.evaluations == (Evaluation(0.0, 0.0, 0.75, 0.0, 0.0),)


numbers = st.floats(0, 1)


@given(st.integers(0, 2**31 - 1), st.floats(0, 1e5), numbers, numbers, numbers)
def test_what_was_written_is_read(parameters, seconds, train, validation, test):
    found = read_metrics(metrics(parameters, seconds, train, validation, test))
    assert found.parameters == parameters
    assert len(found.evaluations) == 3
    assert found.evaluations[-1] == Evaluation(108.0, seconds, train, validation, test)
    assert found.evaluations[1].epoch == 54.0


def test_unknown_fields_are_passed_over():
    more = double(9, 0.5) + b"\x5d\x01\x02\x03\x04" + b"\x62\x02ab" + b"\x50" + varint(7)
    whole = metrics(300, 9.0, 0.5, 0.625, 0.75)
    assert read_metrics(more + whole + more) == read_metrics(whole)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"\x0a\x09\x19", "field 1 should have 9 bytes, got 1"),
        (b"\x10\xac", "a number is cut off"),
        (b"\x10" + b"\xff" * 11, "more than 64 bits"),
        (b"\x0b", "field 1 is written in the unknown way 3"),
        (b"\x02\x00", "a field has the number 0"),
        (b"\x19\x00", "field 3 should have 8 bytes, got 1"),
    ],
)
def test_broken_messages_are_refused(message, words):
    with pytest.raises(ValueError, match=words):
        read_metrics(message)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(message):
    with contextlib.suppress(ValueError):
        read_metrics(message)
