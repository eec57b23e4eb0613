"""Options and names that would do nothing, or mean something else, are refused in one line."""

import sys

import numpy as np
import pytest

PROJECT = """
space = {"depth": [1, 2, 3], "width": [2, 4, 8, 16]}

def train(architecture):
    return 0.5
"""
OWN = ("search", "my_project.py:space", "--train", "my_project.py:train")
BUILT_IN = ("search", "cnn-cell", "--data", "mine.npz")


@pytest.fixture
def project(run, tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "mine.npz", x=rng.normal(0, 0.3, (60, 1, 12)), y=np.arange(60) % 2)
    (tmp_path / "my_project.py").write_text(PROJECT)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield run
    sys.modules.pop("my_project", None)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("search", "small:table", "--epochs", "3"), "networks for --epochs 3, got small:table"),
        (("search", "small:table", "--device", "cuda"), "recorded; leave --device out"),
        (("search", "small:table", "--cost", "f.py:f"), "recorded; leave --cost out"),
        (("search", "small:table", "--input-shape", "3"), "recorded; leave --input-shape out"),
        ((*OWN, "--epochs", "3"), "whose data and epochs only it knows; leave --epochs out"),
        ((*OWN, "--reduction", "4"), "--reduction 4 is for trainings that are stopped early"),
        ((*BUILT_IN, "--reduction", "4"), "got no --min-epochs; give for example --min-epochs 2"),
        (
            (*BUILT_IN, "--epochs", "2", "--min-epochs", "2"),
            "--min-epochs 2 stops nothing, got trainings of 2 epochs; give fewer",
        ),
        (("search", "cnn-cel"), "no benchmark or space 'cnn-cel'; did you mean the space 'cnn-ce"),
        (("search", "quite other"), "and your own is my_project.py:space or space.toml"),
        (("search", "small:tabel"), "no benchmark 'small:tabel'; benchmarks are small:table"),
    ],
)
def test_what_would_do_nothing_is_told_in_one_line(project, words, message):
    result = project(*words, "--budget", 2, "--study", "s.db")
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_as_many_epochs_as_leave_something_to_stop_are_taken(project):
    result = project(
        *BUILT_IN, "--epochs", "2", "--min-epochs", "1", "--budget", 1, "--study", "s.db"
    )
    assert result.exit_code == 0, result.output
