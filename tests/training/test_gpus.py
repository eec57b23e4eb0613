"""What is for GPUs, as far as a processor can tell: none of this ran on one."""

import pytest
import torch

from deltanas.errors import TrainingError
from deltanas.networks import seeded
from deltanas.training import Recipe
from deltanas.training.checkpoint import FILE
from deltanas.training.loop import Loop, _mixed_type
from tests.training.test_loop import SMALL, context, nothing, train, weights, with_builder


@pytest.mark.parametrize(
    "words",
    [
        "CUDA error: out of memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "cuDNN error: CUDNN_STATUS_ALLOC_FAILED",
    ],
)
def test_memory_that_is_full_below_torch_is_full_memory_too(tmp_path, monkeypatch, words):
    def full(*_):
        raise RuntimeError(words)

    monkeypatch.setattr(Loop, "run", full)
    with pytest.raises(TrainingError, match="not fit into memory, .*(out of memory|ALLOC_FAILED)"):
        train(tmp_path / "a")


def test_a_builder_whose_network_is_too_large_is_told_as_such(tmp_path):
    def build(_):
        return torch.nn.Linear(1 << 24, 1 << 24)  # a petabyte

    with pytest.raises(TrainingError, match=r"not fit into memory, .* at a time \((?!the builder)"):
        with_builder(build)(SMALL, context(tmp_path / "a"))


def test_what_a_failed_training_left_on_a_gpu_is_given_back_before_the_next(tmp_path, monkeypatch):
    calls = []
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.empty_cache", lambda: calls.append("given back"))
    for name in "ab":
        with pytest.raises(TrainingError):
            with_builder(nothing)(SMALL, context(tmp_path / name))
        assert calls == ["given back"] * (1 + "ab".index(name))


@pytest.mark.parametrize(
    ("kind", "has_bfloat16", "expected"),
    [
        ("cpu", True, None),
        ("cuda", True, torch.bfloat16),
        ("cuda", False, torch.float16),
    ],
)
def test_mixed_precision_is_for_gpus_and_takes_the_safer_type(
    monkeypatch, kind, has_bfloat16, expected
):
    # A GPU without bfloat16 acts as if it had it, slowly, unless one asks without emulation.
    monkeypatch.setattr(
        "torch.cuda.is_bf16_supported",
        lambda including_emulation=True: has_bfloat16 or including_emulation,
    )
    assert _mixed_type(kind) is expected


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16])
def test_mixed_precision_learns_and_goes_on_with_the_same_weights(tmp_path, monkeypatch, kind):
    # A processor computes in both types; only the choice of the type is a GPU's.
    monkeypatch.setattr("deltanas.training.loop._mixed_type", lambda _: kind)
    recipe = Recipe(epochs=6)
    whole = train(tmp_path / "a", recipe)
    assert whole["accuracy"] > 0.9

    def stop(epoch, *_):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "b", recipe, watch=stop)
    scaler = torch.load(tmp_path / "b" / FILE, weights_only=True)["scaler"]
    assert ("scale" in scaler) == (kind is torch.float16)
    assert train(tmp_path / "b", recipe) == whole
    first, second = (weights(tmp_path / name) for name in "ab")
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert first["classifier.weight"].dtype is torch.float32


def test_a_training_goes_on_where_precision_differs_from_that_of_its_checkpoint(
    tmp_path, monkeypatch
):
    def stop(epoch, *_):
        if epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(tmp_path / "a", watch=stop)
    # Begun on a processor, it goes on where losses are scaled.
    monkeypatch.setattr("deltanas.training.loop._mixed_type", lambda _: torch.float16)
    told = []
    train(tmp_path / "a", watch=lambda epoch, *_: told.append(epoch))
    assert told == [3, 4]


@pytest.fixture
def states(monkeypatch):
    """Two GPUs in place of real ones; the states that their generators got back."""
    got = {}
    monkeypatch.setattr("torch.cuda.device_count", lambda: 2)
    monkeypatch.setattr("torch.cuda.manual_seed_all", lambda _: None)
    monkeypatch.setattr("torch.cuda.get_rng_state", lambda gpu: f"state of {gpu}")
    monkeypatch.setattr("torch.cuda.set_rng_state", lambda state, gpu: got.update({gpu: state}))
    return got


def test_the_random_numbers_of_gpus_in_use_are_those_of_before_afterwards(states, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_initialized", lambda: True)
    with seeded.seeded(3):
        assert states == {}
    assert states == {0: "state of 0", 1: "state of 1"}


def test_gpus_that_nobody_uses_are_not_woken(states, monkeypatch):
    def asked(_):
        pytest.fail("a GPU was asked for its state")

    monkeypatch.setattr("torch.cuda.get_rng_state", asked)
    # Several GPUs made torch warn here; a warning is an error in tests.
    with seeded.seeded(3):
        first = float(torch.rand(1))
    with seeded.seeded(3):
        assert float(torch.rand(1)) == first
    assert states == {}
