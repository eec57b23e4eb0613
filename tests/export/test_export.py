"""The winner as a plain model: it answers without deltanas as it did with it."""

import importlib.util
import json
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from deltanas.errors import ExportError, StudyError, TrainingError
from deltanas.evaluation import FunctionEvaluator, Workplace
from deltanas.export import export_model, model
from deltanas.export.onnx_file import check_onnx
from deltanas.networks import cnn_cell
from deltanas.search import LocalSearch, RandomSearch
from deltanas.spaces import BlockSpace
from deltanas.study import Inheritance, Study
from deltanas.training import Project, Recipe, load_data
from deltanas.training.description import read_training, stored_training
from deltanas.training.networks import NetworkTraining

WITHOUT_US = """
import sys

sys.path.insert(0, sys.argv[1])
try:
    import deltanas
except ImportError:
    pass
else:
    raise SystemExit("deltanas can be imported")
import numpy, torch
from network import CLASSES, load, prepare
inputs = torch.from_numpy(numpy.load(sys.argv[2]))
with torch.no_grad():
    numpy.save(sys.argv[3], load()(prepare(inputs)).numpy())
print(CLASSES)
"""


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A study of two trainings on data with an offset, so that `prepare` has something to do."""
    folder = tmp_path_factory.mktemp("searched")
    rng = np.random.default_rng(0)
    labels = np.arange(120) % 2
    inputs = rng.normal(50, 3.0, (120, 12))
    inputs[labels == 0, 2:5] += 10.0
    file, place = folder / "mine.npz", folder / "s.db"
    np.savez(file, x=inputs, y=np.where(labels, "dog", "cat"))
    recipe = Recipe(epochs=2)
    work = Workplace(folder / "s-trials", seed=3, device="cpu")
    train = FunctionEvaluator(NetworkTraining(load_data(str(file)), recipe), work)
    stored = stored_training(str(file), recipe)
    study = Study(cnn_cell(), train, seed=3, storage=place, method="random", benchmark=stored)
    study.run(2)
    return study, place, inputs


@pytest.fixture(scope="module")
def exported(searched, tmp_path_factory):
    return export_model(str(searched[1]), tmp_path_factory.mktemp("out") / "model", device="cpu")


def test_it_is_the_best_trial_and_not_the_last(searched, exported):
    study, _, _ = searched
    assert exported.trial == study.best
    text = json.loads((exported.folder / "architecture.json").read_text())
    assert text == json.loads(study.best.architecture.to_json())


def test_the_weights_are_those_of_the_search(searched, exported):
    study, place, _ = searched
    (folder,) = place.with_name("s-trials").glob(f"{study.best.number:05d}-*")
    searched_for = torch.load(folder / "checkpoint.pt", weights_only=True)["network"]
    written = load_file(exported.folder / "weights.safetensors")
    assert list(written) != []
    assert all(torch.equal(written[name], each) for name, each in searched_for.items())
    (trained,) = exported.trained
    assert trained.accuracy == study.best.accuracy
    assert trained.test_accuracy == study.best.evaluation.metrics["test_accuracy"]


@pytest.fixture(scope="module")
def python_without_us(tmp_path_factory):
    """Python of a virtual environment that has all packages of this one but deltanas."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(folder, with_pip=False)
    (target,) = folder.glob("lib/python*/site-packages")
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if "deltanas" not in each.name and each.suffix != ".pth":
            (target / each.name).symlink_to(each)
    return folder / "bin" / "python"


@pytest.mark.process
def test_it_answers_in_an_environment_without_deltanas_as_it_did_with_it(
    searched, exported, python_without_us, tmp_path
):
    _, _, inputs = searched
    raw = inputs[:7, None].astype(np.float32)
    np.save(tmp_path / "in.npy", raw)
    done = subprocess.run(
        [python_without_us, "-I", "-W", "error", "-c", WITHOUT_US, str(exported.folder),
         str(tmp_path / "in.npy"), str(tmp_path / "out.npy")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "('cat', 'dog')"
    data = load_data(str(searched[1].with_name("mine.npz")))
    prepared = (raw - np.array(data.mean)) / np.array(data.spread)
    with torch.no_grad():
        expected = exported.trained[0].network(torch.from_numpy(prepared.astype(np.float32)))
    found = np.load(tmp_path / "out.npy")
    assert found.shape == (7, 2)
    assert np.allclose(found, expected.numpy(), atol=1e-5)


def test_the_source_names_deltanas_nowhere_in_an_import(exported):
    source = (exported.folder / "network.py").read_text()
    assert not re.search(r"^\s*(import|from) deltanas", source, re.MULTILINE)


def test_the_card_says_what_the_network_is_and_how_good(searched, exported):
    study, _, _ = searched
    text = (exported.folder / "README.md").read_text()
    metrics = study.best.evaluation.metrics
    assert f"| validation accuracy | {100 * study.best.accuracy:.2f} % |" in text
    assert f"| test accuracy | {100 * metrics['test_accuracy']:.2f} % |" in text
    assert f"| parameters | {metrics['parameters']:,.0f} |" in text
    assert f"| FLOPs of one example | {metrics['flops']:,.0f} (a multiply-add" in text
    assert "| data | mine.npz, inputs of shape (1, 12), 2 classes |" in text
    assert "| recipe | 2 epochs, batches of 64, AdamW, cosine from 0.02 |" in text
    assert "random, seed 3, 2 trainings" in text
    assert f"torch {torch.__version__}" in text
    assert cnn_cell().write(study.best.architecture) in text


def test_weights_that_are_gone_are_trained_again_to_the_same(searched, exported, tmp_path):
    study, place, _ = searched
    (folder,) = place.with_name("s-trials").glob(f"{study.best.number:05d}-*")
    file = folder / "checkpoint.pt"
    kept = file.read_bytes()
    file.unlink()
    again = export_model(str(place), tmp_path / "again", device="cpu")
    file.write_bytes(kept)
    before, after = (load_file(each.folder / "weights.safetensors") for each in (exported, again))
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_trained_again_from_scratch_the_best_is_kept_and_the_spread_told(searched, tmp_path):
    _, place, _ = searched
    found = export_model(str(place), tmp_path / "m", retrain=3, device="cpu")
    accuracies = [each.accuracy for each in found.trained]
    assert len(accuracies) == 3
    assert accuracies[0] == max(accuracies)
    weights = [each.network.state_dict()["classifier.weight"] for each in found.trained]
    assert not torch.equal(weights[0], weights[1])
    written = load_file(found.folder / "weights.safetensors")
    assert torch.equal(written["classifier.weight"], weights[0])
    mean, spread = 100 * np.mean(accuracies), 100 * np.std(accuracies, ddof=1)
    text = (found.folder / "README.md").read_text()
    assert f"| trained 3 times | {mean:.2f} ± {spread:.2f} % validation, " in text


def test_an_heir_is_exported_as_it_is_and_retrained_from_scratch(searched, tmp_path):
    file, place = searched[1].parent / "mine.npz", tmp_path / "s.db"
    recipe = Recipe(epochs=3)
    work = Workplace(tmp_path / "s-trials", seed=3, device="cpu")
    train = FunctionEvaluator(NetworkTraining(load_data(str(file)), recipe), work)
    method = LocalSearch(cnn_cell(), seed=3, starts=2)
    settings = {"method": method, "benchmark": stored_training(str(file), recipe)}
    with Study(cnn_cell(), train, storage=place, inheritance=Inheritance(), **settings) as study:
        study.run(4)
        heirs = [each for each in study.trials if each.evaluation.metrics["epochs"] == 2]
    heir = heirs[0]
    found = export_model(str(place), tmp_path / "m", trial=heir.number, device="cpu")
    assert found.trained[0].accuracy == heir.accuracy
    said = f"| began with weights | those of trial {heir.proposal.donor.number}, then 2 epochs; "
    assert said in (found.folder / "README.md").read_text()
    again = export_model(str(place), tmp_path / "n", trial=heir.number, retrain=1, device="cpu")
    assert again.trained[0].epochs == 3
    assert "began with weights" not in (again.folder / "README.md").read_text()


def test_another_trial_can_be_exported_and_one_that_is_not_there_is_refused(searched, tmp_path):
    study, place, _ = searched
    other = 1 - study.best.number
    assert export_model(str(place), tmp_path / "m", trial=other, device="cpu").trial.number == other
    with pytest.raises(StudyError, match=f"no trial 7 that finished; the best one is {1 - other}"):
        export_model(str(place), tmp_path / "m", trial=7)


def test_a_folder_that_cannot_be_made_is_refused(searched, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="expected a folder to write the model to, .*--out"):
        export_model(str(searched[1]), tmp_path / "file")


def test_a_full_disk_is_said_in_words(searched, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(model, "save_file", full)
    with pytest.raises(ExportError, match="cannot be written to .*No space left.*free some space"):
        export_model(str(searched[1]), tmp_path / "m", device="cpu")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxscript", "onnxruntime")),
    reason="needs pip install 'deltanas[export]'",
)
def test_onnx_is_written_and_a_file_that_answers_differently_is_refused(searched, tmp_path):
    _, place, _ = searched
    found = export_model(str(place), tmp_path / "m", onnx=True, device="cpu")
    assert "model.onnx" in found.files
    assert 0 <= found.onnx_difference < 1e-4
    import onnxruntime  # noqa: PLC0415

    session = onnxruntime.InferenceSession(str(found.folder / "model.onnx"))
    data = load_data(str(place.with_name("mine.npz")))
    (scores,) = session.run(None, {"inputs": data.test.inputs[:5]})
    with torch.no_grad():
        expected = found.trained[0].network(torch.from_numpy(data.test.inputs[:5]))
    assert np.allclose(scores, expected.numpy(), atol=1e-4)
    other = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(12, 2)).eval()
    with pytest.raises(ExportError, match="answers differently from torch, by up to"):
        check_onnx(other, data, found.folder / "model.onnx")


def test_onnx_without_its_package_names_the_command_that_installs_it(
    searched, tmp_path, monkeypatch
):
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "deltanas.export.onnx_file.importlib.util.find_spec",
        lambda name: None if name == "onnx" else real(name),
    )
    with pytest.raises(ExportError, match=r"pip install 'deltanas\[export\]'"):
        export_model(str(searched[1]), tmp_path / "m", onnx=True, device="cpu")


def test_of_a_users_own_training_goes_what_it_saved(tmp_path):
    def train(architecture, context):
        (context.folder / "model").mkdir()
        (context.folder / "model" / "weights.txt").write_text(str(architecture["width"]))
        return {"accuracy": architecture["width"] / 100, "latency_ms": 2.5}

    place = tmp_path / "s.db"
    study = Study(BlockSpace({"width": [1, 2, 3]}), train, storage=place, method="random")
    study.run(3)
    found = export_model(str(place), tmp_path / "m")
    assert found.trained == ()
    assert found.files == ("architecture.json", "README.md", "training/model/weights.txt")
    assert (tmp_path / "m" / "training" / "model" / "weights.txt").read_text() == "3"
    card = (tmp_path / "m" / "README.md").read_text()
    assert "| latency_ms | 2.5 |" in card
    assert "`training/model/weights.txt`" in card
    with pytest.raises(ExportError, match="nothing to write as ONNX"):
        export_model(str(place), tmp_path / "m", onnx=True)


def test_what_a_study_stores_of_its_training_is_read_back():
    stored = stored_training("digits", Recipe(epochs=9, clip=0.5))
    found = read_training(stored)
    assert (found.data, found.recipe) == ("digits", Recipe(epochs=9, clip=0.5))
    assert read_training("nasbench201:cifar10") is None
    assert read_training("training by my_project.py:train") is None
    assert read_training(None) is None


BUILDERS = """
import deltanas as dn
from torch import nn
from layers.inner import Last

table = {"width": [4, 8], "kernel": [(1, 3), (1, 5)], "act": [nn.ReLU, nn.Tanh]}
cells = dn.CellSpace(nodes=3, operations=["tanh", "relu"], max_edges=6)

def build(choices):
    wide = choices["width"] + choices["kernel"][1]
    act = choices["act"]()
    return nn.Sequential(nn.Flatten(), nn.Linear(12, wide), act, Last(wide, 2))

def of_cell(cell):
    wide = 4 + len(cells.matrix(cell)[1])
    return nn.Sequential(nn.Flatten(), nn.Linear(12, wide), nn.ReLU(), Last(wide, 2))

class Branching(nn.Module):
    def __init__(self, choices):
        super().__init__()
        self.inner = build(choices)

    def forward(self, inputs):
        found = self.inner(inputs)
        return found if found.sum() > 0 else 2 * found
"""


@pytest.fixture
def own(tmp_path, monkeypatch, searched):
    """Searches with a builder of one's own, in a folder with a package beside its file."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    file = tmp_path / "builders.py"
    file.write_text(BUILDERS)
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "__init__.py").touch()
    (tmp_path / "layers" / "inner.py").write_text("from torch.nn import Linear as Last\n")
    data = searched[1].parent / "mine.npz"

    def made(space, build, where="builders.py", digest=""):
        file = tmp_path / where
        project, recipe = Project(), Recipe(epochs=1)
        training = NetworkTraining(
            load_data(str(data)), recipe, project.function(f"{file}:{build}")
        )
        work = Workplace(tmp_path / "s-trials", seed=1, device="cpu")
        stored = stored_training(str(data), recipe, f"{file}:{build}", digest)
        place = tmp_path / "s.db"
        searcher = RandomSearch(project.space(f"{file}:{space}"), seed=1)
        with Study(
            searcher.space,
            FunctionEvaluator(training, work),
            storage=place,
            method=searcher,
            benchmark=stored,
        ) as study:
            study.run(4)
        return place, f"{file}:{build}"

    yield made
    for name in ("builders", "layers", "layers.inner", "inside", "inside.builders", "inside.inner"):
        sys.modules.pop(name, None)


LOADED = "import network; print(network.load()[1].out_features, type(network.load()[2]).__name__)"


@pytest.mark.parametrize(("space", "build"), [("table", "build"), ("cells", "of_cell")])
def test_a_builder_gets_its_options_back_and_what_it_imports_lies_beside(
    own, tmp_path, space, build
):
    place, build = own(space, build)
    done = export_model(str(place), tmp_path / "model", build=build)
    assert {"project.py", "layers/__init__.py", "layers/inner.py"} <= set(done.files)
    expected = (
        f"{done.trained[0].network[1].out_features} {type(done.trained[0].network[2]).__name__}"
    )
    found = subprocess.run(
        [sys.executable, "-c", LOADED],
        cwd=tmp_path / "model", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert found.stdout.strip() == expected
    card = (tmp_path / "model" / "README.md").read_text("utf-8")
    assert "It needs deltanas: `project.py` imports it." in card


def test_a_builder_in_a_package_takes_its_package_along(own, tmp_path):
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "__init__.py").touch()
    relative = BUILDERS.replace("from layers.inner", "from .inner")
    (tmp_path / "inside" / "builders.py").write_text(relative)
    (tmp_path / "inside" / "inner.py").write_text("from torch.nn import Linear as Last\n")
    place, build = own("table", "build", "inside/builders.py")
    done = export_model(str(place), tmp_path / "model", build=build)
    assert {"project.py", "inside/builders.py", "inside/inner.py"} <= set(done.files)
    subprocess.run([sys.executable, "-c", LOADED], cwd=tmp_path / "model", check=True)


def test_data_that_has_changed_since_is_refused(own, tmp_path):
    place, build = own("table", "build", digest="0" * 16)
    assert read_training(Study.open(place).description.benchmark).digest == "0" * 16
    with pytest.raises(ExportError, match="mine.npz has changed since the search"):
        export_model(str(place), tmp_path / "model", build=build)


def test_a_builder_that_was_edited_since_is_refused(own, tmp_path):
    place, build = own("table", "build")
    file = tmp_path / "builders.py"
    dead = BUILDERS.replace('act = choices["act"]()', "act = nn.Threshold(9e9, 0.0)")
    longer = BUILDERS.replace("Last(wide, 2))", "Last(wide, 2), nn.Linear(2, 2))")
    for text, message in ((dead, "edited since"), (longer, "are not of the network that is built")):
        file.write_text(text)
        sys.modules.pop("builders", None)
        with pytest.raises((ExportError, TrainingError), match=message):
            export_model(str(place), tmp_path / "model", build=build)


def test_a_network_that_cannot_be_onnx_says_so_in_one_line(own, tmp_path):
    place, build = own("table", "Branching")
    with pytest.raises(
        ExportError, match="cannot be written as ONNX .*network.py are written"
    ) as error:
        export_model(str(place), tmp_path / "model", build=build, onnx=True)
    assert "\\n" not in str(error.value)
    assert (tmp_path / "model" / "network.py").exists()
