import numpy as np
import pytest

from deltanas.benchmarks import load, under_limits
from deltanas.errors import LimitError


def test_a_table_under_limits_is_the_part_that_keeps_to_them():
    whole = load("nasbench201:cifar10")
    part = under_limits(whole, ["params<=0.5M", "flops_m<=60"])
    kept = (whole.metrics["parameters_m"] <= 0.5) & (whole.metrics["flops_m"] <= 60)
    assert len(part.runs) == part.space.size == kept.sum()
    assert part.optimum == whole.accuracies[kept].max() < whole.optimum
    assert (
        part.best.key
        == whole.space.from_codes(whole.codes[kept])[int(np.argmax(whole.accuracies[kept]))].key
    )
    assert part.rank(part.optimum) == 1
    assert part.evaluate(part.best) == part.optimum
    assert (part.metrics["parameters_m"] <= 0.5).all()


def test_a_limit_on_what_is_not_recorded_lists_what_is():
    whole = load("nasbench201:cifar10")
    with pytest.raises(LimitError, match="metrics are latency_ms, parameters_m, flops_m"):
        under_limits(whole, ["energy<=4"])
    # The skeleton alone has 73,306 parameters.
    with pytest.raises(LimitError, match=r"meets parameters ≤ 0.07M; .* parameters 0.07331M: \|"):
        under_limits(whole, ["params<=70k"])
    assert under_limits(whole, []) is whole
