"""What users without type checks give as accuracies; the rest is in `test_base`."""

import pytest

from deltanas.benchmarks.base_checks import refuse_bad_accuracies
from deltanas.errors import DataError


def check(*rows):
    refuse_bad_accuracies("mine", rows, None, lambda row: f"cell {row}")


def test_fractions_below_0_and_whole_numbers_are_accuracies():
    check((0.25, 1.0), [0, 1], (-0.75,))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (0.5, r"a tuple of trainings in every row, got 0.5 in row 1 \(cell 1\); write \(0.5,\)"),
        (None, r"got None in row 1 \(cell 1\)"),
        ("0.5", r"got '0.5' in row 1 \(cell 1\)"),
        ((0.5, "0.5"), r"needs numbers as accuracies, got '0.5' in row 1 \(cell 1\); give a fract"),
        ((None,), r"needs numbers as accuracies, got None in row 1 \(cell 1\)"),
        ([], r"row 1 has none \(cell 1\)"),
    ],
)
def test_what_are_no_trainings_is_refused(row, words):
    with pytest.raises(DataError, match=words):
        check((0.25,), row)
