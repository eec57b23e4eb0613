"""Changed files and texts for every reader: `python -m bench.fuzz [--cases 10000] [--only NAME]`.

Each reader gets as many inputs as asked for, made of a valid one by hypothesis. It must succeed or
raise an error of ours. What else it raises is printed with the place, and the exit code is 1.
"""

import argparse
import copy
import json
import os
import resource
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
import optuna
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from bench.fuzz_targets import Target, targets
from deltanas.errors import DeltaNasError

MOST_BYTES = 12 * 2**30
"""Address space: what claims more gets a MemoryError, as on a machine that is full."""
TOKENS = (
    *(b"0", b"-1", b"1e999", b"NaN", b"true", b"null", b"[]", b"{}", b'""', b"'", b'"', b"|", b"~"),
    *(b"\n", b"\x00", b"\xff", b"\x80", b"[" * 5000, b"9" * 5000, b"2" * 20, b"\xe2\x80\xae"),
    *(b"\xff\xff\xff\x7f", b"\x00" * 8, b"__class__", b"%s", b"{layer}", b"../", b"\x1b[31m"),
)
"""What readers stumble over."""


@st.composite
def changed(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid input with up to six changes: bytes, tokens, cuts, copies."""
    data = bytearray(valid)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        stop = min(len(data), start + draw(st.integers(0, 12)))
        kind = draw(st.sampled_from(("byte", "token", "bytes", "cut", "copy", "end")))
        if kind == "byte" and start < len(data):
            data[start] = draw(st.integers(0, 255))
        elif kind == "token":
            data[start:stop] = draw(st.sampled_from(TOKENS))
        elif kind == "bytes":
            data[start:stop] = draw(st.binary(max_size=12))
        elif kind == "cut":
            del data[start:stop]
        elif kind == "copy":
            data[start:start] = data[start:stop] * draw(st.integers(1, 5))
        elif kind == "end" and draw(st.integers(0, 3)) == 0:
            del data[start:]
    return bytes(data)


VALUES: tuple[object, ...] = (
    None,
    True,
    -1,
    10**30,
    1e308,
    "",
    "nothing",
    "a\x00\u202e",
    [],
    {},
    [[]],
    {"a": []},
)


@st.composite
def changed_json(draw: st.DrawFn, valid: bytes) -> bytes:
    """A valid value with up to three parts that are gone, or something else."""
    data = [json.loads(valid)]
    for _ in range(draw(st.integers(1, 3))):
        inside: Any = data
        for _ in range(draw(st.integers(0, 6))):
            places = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
            if not places:
                break
            place = draw(st.sampled_from(places))
            if isinstance(inside[place], dict | list) and draw(st.integers(0, 4)):
                inside = inside[place]
                continue
            if inside is not data and draw(st.booleans()):
                del inside[place]
            else:
                inside[place] = copy.deepcopy(draw(st.sampled_from(VALUES)))
            break
    return json.dumps(data[0] if data else None).encode()


def outcome(target: Target, data: bytes) -> str:
    """`read`, `refused`, or what was raised and where."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            target.read(data)
    except DeltaNasError:
        return "refused"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        last = traceback.extract_tb(error.__traceback__)
        own = [each for each in last if "deltanas" in each.filename] or list(last)
        place = f"{Path(own[-1].filename).name}:{own[-1].lineno}"
        return f"{type(error).__name__} at {place}: {str(error)[:80]!r}"
    return "read"


def fuzz(target: Target, cases: int) -> tuple[Counter[str], dict[str, bytes]]:
    """Outcomes of so many inputs, and the first input of each finding."""
    outcomes: Counter[str] = Counter()
    first: dict[str, bytes] = {}

    @hypothesis.settings(
        max_examples=cases,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(changed_json(target.valid) if target.is_json else changed(target.valid))
    def run(data: bytes) -> None:
        found = outcome(target, data)
        outcomes[found] += 1
        first.setdefault(found, data)

    run()
    return outcomes, first


def main() -> None:
    """Print a line for each reader, and its findings."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--cases", type=int, default=10_000)
    asked.add_argument("--only", default="")
    options = asked.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    findings = 0
    with tempfile.TemporaryDirectory() as name:
        os.environ["DELTANAS_DATA"] = name
        for target in targets(Path(name)):
            if options.only not in target.name:
                continue
            found = outcome(target, target.valid)
            if found != "read":
                print(f"{target.name}: the valid input is not read, {found}")
                findings += 1
            start = time.monotonic()
            outcomes, first = fuzz(target, options.cases)
            ours = {"read", "refused"}
            print(
                f"{target.name:34} {sum(outcomes.values()):>6} cases, {outcomes['read']:>5} read, "
                f"{outcomes['refused']:>5} refused, {time.monotonic() - start:4.0f} s",
                flush=True,
            )
            for found in sorted(set(outcomes) - ours):
                findings += 1
                print(
                    f"    {outcomes[found]} times {found}\n      {first[found][:300]!r}", flush=True
                )
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
