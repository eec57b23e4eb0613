"""Networks of every space are trained, exported, and answer without deltanas."""

import importlib.util
import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from deltanas.evaluation import FunctionEvaluator, Workplace
from deltanas.export import export_model
from deltanas.networks import FAMILIES
from deltanas.study import Study
from deltanas.training import load_data, usual_recipe
from deltanas.training.description import stored_training
from deltanas.training.networks import NetworkTraining

WITHOUT_US = """
import importlib.util, json, sys

class NotHere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "deltanas":
            raise ImportError("deltanas is not here")

sys.meta_path.insert(0, NotHere())
import torch
answers = {}
for name, (folder, inputs) in json.loads(sys.argv[1]).items():
    spec = importlib.util.spec_from_file_location(name.replace("-", "_"), folder + "/network.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    prepared = module.prepare(inputs if isinstance(inputs, str) else torch.tensor(inputs))
    with torch.no_grad():
        answers[name] = module.load()(prepared).tolist()
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Data of each kind, small, and with an offset that `prepare` has to know."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(1)
    labels = np.arange(40) % 2
    images = rng.normal(30, 5, (40, 8, 8))
    np.savez(folder / "images.npz", x=images, y=labels)
    rows = [f"{a},{b},{c}" for (a, b), c in zip(rng.normal(9, 2, (40, 2)), labels, strict=True)]
    (folder / "table.csv").write_text("\n".join(["a,b,label", *rows]))
    (folder / "text.txt").write_text("all work and no play\n" * 150)
    return {
        "images": (folder / "images.npz", images[:3, None].tolist()),
        "table": (folder / "table.csv", [[9.0, 8.0], [7.0, 11.0]]),
        "text": (folder / "text.txt", "all w"),
    }


def searched(name, file, folder):
    """A study of one training of a space on some data."""
    data = load_data(str(file))
    recipe = usual_recipe(data.kind, 1)
    work = Workplace(folder / "s-trials", seed=3, device="cpu")
    train = FunctionEvaluator(NetworkTraining(data, recipe), work)
    stored = stored_training(str(file), recipe)
    space = FAMILIES[name].space()
    place = folder / "s.db"
    Study(space, train, seed=3, storage=place, method="random", benchmark=stored).run(1)
    return place, data


@pytest.mark.process
@pytest.mark.slow
def test_every_network_answers_without_deltanas_as_it_did_with_it(files, tmp_path):
    asked, expected = {}, {}
    for name, family in FAMILIES.items():
        kind = "images" if "images" in family.kinds and name != "mlp" else family.kinds[0]
        file, inputs = files[kind]
        (tmp_path / name).mkdir()
        place, data = searched(name, file, tmp_path / name)
        found = export_model(str(place), tmp_path / name / "out", device="cpu")
        asked[name] = (str(found.folder), inputs)
        if kind == "text":
            ready = [[data.classes.index(each) for each in inputs]]
        else:
            shape = (1, -1, *[1] * (np.ndim(inputs) - 2))
            mean, spread = (np.reshape(each, shape) for each in (data.mean, data.spread))
            ready = (np.array(inputs) - mean) / spread
        with torch.no_grad():
            answer = found.trained[0].network(torch.tensor(ready, dtype=torch.float32))
        expected[name] = answer.numpy()
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", WITHOUT_US, json.dumps(asked)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert list(answers) == list(FAMILIES)
    for name, answer in answers.items():
        assert np.allclose(answer, expected[name], atol=1e-4), name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("onnx", "onnxscript", "onnxruntime")),
    reason="needs pip install 'deltanas[export]'",
)
@pytest.mark.parametrize(("name", "kind"), [("transformer", "text")])
def test_onnx_answers_as_torch_does(files, tmp_path, name, kind):
    # `write_onnx` compares the answers of both and raises where they differ.
    place, _ = searched(name, files[kind][0], tmp_path)
    found = export_model(str(place), tmp_path / "out", onnx=True, device="cpu")
    assert found.files[-1] == "model.onnx"
