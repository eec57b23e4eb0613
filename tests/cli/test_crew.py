import pytest
import typer

from deltanas.cli.crew import Hands, resource, share, size
from deltanas.cli.order import Order
from deltanas.evaluation import Crew


@pytest.mark.parametrize(
    ("text", "number"),
    [("4GB", 4 * 10**9), ("512MiB", 512 * 2**20), ("1.5g", 15 * 10**8), (2_000_000, 2_000_000)],
)
def test_a_size_is_read_with_its_unit(text, number):
    assert size(text) == number


@pytest.mark.parametrize("text", ["much", "0GB", "-1GB", "1.2.3GB", "4 apples", "4", 999_999])
def test_what_is_no_size_is_repeated(text):
    with pytest.raises(typer.BadParameter, match="with its unit, got .*4GB or 512MiB"):
        size(text)


def test_resources_have_a_name_and_an_amount():
    assert resource("tpu=2") == ("tpu", 2.0)
    for text in ("tpu", "=2", "tpu=", "tpu=0", "tpu=nan"):
        with pytest.raises(typer.BadParameter, match="got"):
            resource(text)
    with pytest.raises(typer.BadParameter, match="above 0, got 'x'"):
        share("x")


def test_the_words_of_a_crew_give_it_again():
    hands = Hands(3, "auto", 2.0, 0.5, 10**9, (("tpu", 1.0),), 60.0, 2 * 10**9)
    words = Order("b", 5, 0, "s.db", hands=hands).command
    for each in (
        "--workers 3 --ray auto --cpus-per-trial 2 --gpus-per-trial 0.5",
        "--memory-per-trial 1000000000 --time-limit 60 --memory-limit 2000000000",
        "--resource tpu=1",
    ):
        assert each in words
    assert hands.crew() == Crew(
        3, "auto", 2.0, 0.5, 10**9, {"tpu": 1.0}, 60.0, memory_limit_bytes=2 * 10**9
    )
    assert "--" not in Order("b", 5, 0, "s.db").command.partition("--study s.db")[2]


def test_what_only_ray_can_give_is_refused_without_it():
    with pytest.raises(typer.BadParameter, match="expected a Ray cluster that reserves"):
        Hands(memory_bytes=10**9).crew()
