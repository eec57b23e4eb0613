"""A small fixed sample of `python -m bench.fuzz`: a reader reads, or says why not in our words."""

import json

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bench.fuzz import changed, changed_json, fuzz, outcome
from bench.fuzz_targets import Target, targets
from deltanas.errors import DataError

pytest.importorskip("pyarrow")
CASES = 10


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DELTANAS_DATA", str(folder))
        yield targets(folder)


def test_every_valid_input_is_read_and_changed_ones_are_read_or_refused(readers):
    assert len(readers) > 20
    found = {}
    for target in readers:
        assert outcome(target, target.valid) == "read", target.name
        outcomes, _ = fuzz(target, CASES)
        found[target.name] = {each: count for each, count in outcomes.items() if ":" in each}
    assert {name: each for name, each in found.items() if each} == {}


def test_an_error_that_is_not_ours_is_a_finding():
    def read(data):
        if data == b"ours":
            raise DataError("no")
        return data[0]

    target = Target("x", b"1", read)
    assert [outcome(target, data) for data in (b"1", b"ours")] == ["read", "refused"]
    assert outcome(target, b"").startswith("IndexError at test_fuzz.py:")


@settings(
    max_examples=20, derandomize=True, phases=[Phase.generate], database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(changed(b"some bytes"), changed_json(b'{"a": [1, {"b": 2}]}'))
def test_changed_json_stays_json(data, value):
    assert isinstance(data, bytes)
    json.loads(value)
