import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.benchmarks.canonical_checks import first_duplicate, refuse_contradictions
from deltanas.errors import DataError


@given(st.lists(st.tuples(st.integers(0, 4), st.sampled_from("abc")), min_size=1, max_size=12))
def test_the_first_duplicate_is_that_of_a_dict(rows):
    seen, expected = {}, None
    for number, row in enumerate(rows):
        if row in seen and expected is None:
            expected = (seen[row], number)
        seen.setdefault(row, number)
    numbers, letters = zip(*rows, strict=True)
    found = first_duplicate([np.array(numbers), np.array(letters, dtype=object)])
    assert found == expected


def test_functionally_equal_cells_with_other_accuracies_are_both_named():
    keys = np.array(["k1", "k2", "k1", "k2"])
    names = np.array(["a", "b", "c", "d"])
    refuse_contradictions(keys, np.array([0.5, 0.25, 0.5, 0.25]), names, "t.parquet")
    with pytest.raises(DataError) as error:
        refuse_contradictions(keys, np.array([0.5, 0.25, 0.5, 0.75]), names, "t.parquet")
    assert str(error.value) == (
        "t.parquet should tell functionally equal cells with one accuracy, got 0.25 for b in row 1 "
        "and 0.75 for d in row 3, which are one network (k2); get the authors' file anew and "
        "import it again"
    )
