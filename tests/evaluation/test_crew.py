import pytest

from deltanas.errors import TrainingError
from deltanas.evaluation import Crew, crew_of
from deltanas.evaluation.devices import shared_out


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ray": ""}, "or the address of a Ray cluster, got ''; give for example ray://head:10001"),
        ({"ray": "head"}, "address of a Ray cluster, got 'head'"),
        ({"ray": "ray head:1"}, "address of a Ray cluster, got 'ray head:1'"),
        ({"workers": 0}, "whole number of workers, 1 or more, got 0"),
        ({"cpus": 0.0}, "more than 0 CPUs of a training, got 0.0"),
        ({"gpus": 1.5}, "as a share such as 0.5, or as a whole number, got 1.5"),
        ({"memory_limit_bytes": 0}, "whole number of bytes as memory limit"),
        ({"memory_bytes": 10**9}, "expected a Ray cluster that reserves memory"),
        ({"custom": {"tpu": 1.0}}, "expected a Ray cluster that reserves memory"),
        ({"ray": "auto", "custom": {"tpu": -1.0}}, "more than 0 resource 'tpu', got -1.0"),
    ],
)
def test_a_crew_that_is_none_is_refused_in_words(settings, words):
    with pytest.raises(TrainingError, match=words):
        Crew(**settings)


@pytest.mark.parametrize(
    "address", ["local", "auto", "head:6379", "[::1]:6379", "ray://head:10001", "anyscale://mine"]
)
def test_addresses_of_ray_are_kept_as_they_are(address):
    assert Crew(ray=address).ray == address


def test_only_one_worker_without_anything_else_is_this_process():
    assert Crew().is_this_process
    assert Crew(workers=1).is_this_process
    others = ({"workers": 2}, {"ray": "auto"}, {"cpus": 2.0}, {"memory_limit_bytes": 10**9})
    assert not any(Crew(**each).is_this_process for each in others)


def test_a_limit_beside_a_crew_is_refused():
    assert crew_of(3, 5.0) == Crew(workers=3, time_limit_s=5.0)
    with pytest.raises(TrainingError, match="time limit of 5 s in the Crew"):
        crew_of(Crew(), 5.0)


def test_gpus_are_shared_out_whole_or_in_parts():
    assert shared_out(["0", "1"], 0.3, 5) == ["0", "0", "0", "1", "1"]
    assert shared_out(["a", "b", "c"], 1.0, 2) == ["a", "b"]
    assert shared_out(["0", "1", "2", "3", "4"], 2.0, 2) == ["0,1", "2,3"]
