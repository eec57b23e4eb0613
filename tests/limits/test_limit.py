import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.errors import LimitError
from deltanas.limits import Limit

KNOWN = ("parameters_m", "latency_ms", "energy_mj", "cost:layers", "log_size")


@pytest.mark.parametrize(
    ("text", "metric", "bound", "at_most"),
    [
        ("params<=600M", "parameters_m", 600, True),
        ("parameters <= 600_000", "parameters_m", 0.6, True),
        ("params<=1.2e6", "parameters_m", 1.2, True),
        ("parameters_m<=0.6", "parameters_m", 0.6, True),
        ("params >= 2k", "parameters_m", 0.002, False),
        ("latency_ms<=40", "latency_ms", 40, True),
        ("latency<=0.04s", "latency_ms", 40, True),
        ("latency ≤ 40 ms", "latency_ms", 40, True),
        ("energy_mj<2j", "energy_mj", 2_000, True),
        ("layers<=7", "cost:layers", 7, True),
        ("log_size>=-1.5", "log_size", -1.5, False),
    ],
)
def test_limits_are_read_as_people_write_them(text, metric, bound, at_most):
    limit = Limit.read(text, KNOWN)
    assert (limit.metric, limit.at_most) == (metric, at_most)
    assert limit.bound == pytest.approx(bound)


@given(st.sampled_from(KNOWN), st.floats(-1e9, 1e9), st.booleans())
def test_words_are_read_back_exactly(metric, bound, at_most):
    limit = Limit(metric, bound, at_most)
    assert Limit.read(limit.words, KNOWN) == limit


def test_a_limit_is_shown_with_its_unit():
    assert Limit("parameters_m", 600.0).shown == "parameters ≤ 600M"
    assert Limit("latency_ms", 2.5, at_most=False).shown == "latency ≥ 2.5ms"
    assert Limit("cost:layers", 7.0).shown == "layers ≤ 7"
    assert Limit("parameters_m", 1e-6).shown == "parameters ≤ 1"


def test_excess_worked_by_hand():
    # (50 - 40) / 40 beyond; 40 is within; what is not known is infinitely far.
    excess = Limit("latency_ms", 40.0).excess(np.array([50.0, 40.0, 3.0, np.nan]))
    assert excess.tolist() == [0.25, 0.0, 0.0, np.inf]
    least = Limit("latency_ms", 40.0, at_most=False).excess(np.array([50.0, 30.0]))
    assert least.tolist() == [0.0, 0.25]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("params", "a limit is a metric, <= or >=, and a number, got 'params'"),
        ("params=600M", "a limit is a metric"),
        (600, "a limit is a metric, .* got 600"),
        ("latancy_ms<=40", "'latancy_ms', which is not known here; did you mean 'latency_ms'"),
        ("size<=4", "metrics are parameters_m, latency_ms, energy_mj, cost:layers, log_size"),
        ("latency<=40", "on a time, which has one of the units us, ms, s, got none"),
        ("latency<=40M", "got the unit 'M'; write for example 'latency<=40ms'"),
        ("params<=40ms", "on a count, which has one of the units k, K, M, G, B, got the unit 'ms'"),
        ("params<=1e999", "not finite"),
    ],
)
def test_what_is_no_limit_is_refused(text, words):
    with pytest.raises(LimitError, match=words):
        Limit.read(text, KNOWN)


def test_without_metrics_the_way_out_is_said():
    words = "give the space `costs`.* If your training returns it, write 'params:told'"
    with pytest.raises(LimitError, match=words):
        Limit.read("params<=3", (), may_be_told=True)


def test_a_part_of_a_name_offers_the_metrics_that_have_it():
    devices = [f"{name}_latency_ms" for name in ("a40", "a100", "h100", "v100")]
    offered = "did you mean 'a40_latency_ms' or 'a100_latency_ms' or 'h100_latency_ms'[?]"
    with pytest.raises(LimitError, match=offered):
        Limit.read("latency<=40ms", ["parameters_m", *devices])


def test_two_metrics_of_one_quantity_need_the_full_name():
    with pytest.raises(LimitError, match="may be on latency_ms or latency_s; write the full"):
        Limit.read("latency<=3ms", ("latency_ms", "latency_s"))
    assert Limit.read("latency_s<=3", ("latency_ms", "latency_s")).metric == "latency_s"


@pytest.mark.parametrize("text", ["latency_ms<=0,5", "latency_ms<=1,5", "latency_ms<=1,50,000"])
def test_a_comma_is_no_decimal_point(text):
    with pytest.raises(LimitError, match="decimals stand behind a point, commas between thousands"):
        Limit.read(text, ["latency_ms"])
    assert Limit.read("latency_ms<=1,500.5", ["latency_ms"]).bound == 1500.5


def test_a_milli_is_no_megajoule():
    assert Limit.read("energy<=2MJ", ["energy_j"]).bound == 2e6
    assert Limit.read("energy<=2mJ", ["energy_j"]).bound == 2e-3
    with pytest.raises(LimitError, match="got the unit 'Mj'"):
        Limit.read("energy<=2Mj", ["energy_j"])
