"""What is fuzzed: every reader of files and texts from outside, with a valid input of each.

A reader may succeed or raise an error of `deltanas.errors`; `bench.fuzz` and `tests/test_fuzz.py`
change the valid input and watch that nothing else happens.
"""

import bz2
import functools
import io
import json
import pickle
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from deltanas.benchmarks import Benchmark
from deltanas.benchmarks.canonical import Source, read_table, write_table
from deltanas.benchmarks.canonical_layout import Layout, amount, fraction, text, whole
from deltanas.benchmarks.importers import nats_topology
from deltanas.benchmarks.importers.torch_file import read_torch_file
from deltanas.benchmarks.npz import read_arrays
from deltanas.benchmarks.own_table import load_own_table
from deltanas.benchmarks.plain_pickle import read_plain_pickle
from deltanas.errors import StudyError
from deltanas.limits import Limit
from deltanas.pairs import Pairs, pairs_of
from deltanas.report import summarize
from deltanas.report.page import page
from deltanas.report.summary import Subject
from deltanas.seeds import generator
from deltanas.spaces import BlockSpace, NasBench201, SearchSpace
from deltanas.spaces.published import PUBLISHED
from deltanas.spaces.space_file import read_space
from deltanas.study import Study, rows
from deltanas.study.description import Description
from deltanas.study.record import space_of
from deltanas.training.own_data import read_npz

CSV = b"""width,act,accuracy,accuracy_2,test_accuracy,metric:latency_ms
8,relu,0.5,0.51,0.4,1.5
16,relu,0.6,,0.5,2.5
8,"ge,lu",0.7,0.71,0.6,1e-3
16,"ge,lu",0.8,0.81,0.7,2
"""
TOML = b"""name = "tiny"
rules = ["heads 1 divides width", "depth * 2 <= 6 or act == 'relu'"]
forbidden = [{ depth = 1, act = ["relu", "gelu"] }]
[decisions]
width = [12, 16]
depth = [1, 2, 3]
act = ["relu", "gelu", "silu"]
[decisions."heads {layer}"]
options = [3, 4, 6]
repeat = { layer = [1, 3] }
when = "depth >= {layer}"
"""
YAML = b"""name: tiny
rules: ["heads 1 divides width", "depth * 2 <= 6 or act == 'relu'"]
forbidden: [{depth: 1, act: [relu, gelu]}]
decisions:
  width: [12, 16]
  depth: [1, 2, 3]
  act: [relu, gelu, silu]
  "heads {layer}": {options: [3, 4, 6], repeat: {layer: [1, 3]}, when: "depth >= {layer}"}
"""
BLOCKS = BlockSpace({"depth": (1, 2, 3), "width": (8, 16, None), "act": ("relu", True, 0.5)})
SPACE = BlockSpace(
    {"depth": (1, 2, 3), "width": (8, 16), "act": ("relu", "gelu")}, rules=["depth < width"]
)
METRICS = ("parameters_m", "cost:flops", "latency_ms", "energy_mj")
CELL = "|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|nor_conv_3x3~1|skip_connect~2|"


def _complete(_columns: object, _file: str) -> None:
    pass


LAYOUT = Layout(
    benchmark="small",
    file="small.parquet",
    columns=(
        text("cell", "the cell"),
        whole("seed", "of the training", most=999),
        fraction("accuracy", "at the end", optional=True),
        amount("seconds", "of training", unit="seconds", most=100.0),
    ),
    unique=("cell", "seed"),
    seeds="one",
    splits="test",
    citation="nobody",
    licence="none",
    complete=_complete,
)


@final
@dataclass(frozen=True, slots=True)
class Target:
    """One reader."""

    name: str
    """What is read."""
    valid: bytes
    """An input that is read."""
    read: Callable[[bytes], object]
    """Reads an input."""
    is_json: bool = False
    """Whether its parts are changed and not its bytes, so that it stays JSON."""


def targets(folder: Path) -> list[Target]:
    """All readers; valid files are made in a folder, and changed ones are read from there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = functools.partial(_from_file, folder)
    published = [each() for each in PUBLISHED]
    found = [
        Target("space file, TOML", TOML, file("space.toml", read_space)),
        Target("space file, YAML", YAML, file("space.yaml", read_space)),
        *(_texts(space) for space in (*published, BLOCKS)),
        Target("limit", b"params <= 1_600.5M", lambda data: Limit.read(_text(data), METRICS)),
        Target("plain pickle", _pickled(), file("a.pkl", _plain)),
        Target("authors' pickle in bz2", _record(), functools.partial(_read_record, folder)),
        Target("authors' tar", _tar(folder), file("simple.tar", _silent(nats_topology.read))),
        Target("own data, npz", _npz(), file("own.npz", read_npz)),
        Target("table of a surrogate, npz", _npz(), file("table.npz", _arrays)),
        Target("pairs, npz", _pairs(folder), file("pairs.npz", _load_pairs)),
        Target("table, Parquet", _table(folder), file("small.parquet", _read_table)),
        Target("own table, CSV", CSV, file("own.csv", _own_table)),
        Target("own table, Parquet", _parquet(), file("own.parquet", _own_table)),
        *_torch_files(folder),
    ]
    study = _study(folder)
    found.append(Target("study file, bytes", study, file("bytes.db", _read_study)))
    made, trial = _stored(study)
    found.append(Target("study, its description", made, _read_description, is_json=True))
    found.append(Target("study, a trial of it", trial, _read_trial, is_json=True))
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _from_file(
    folder: Path, name: str, read: Callable[[Path], object]
) -> Callable[[bytes], object]:
    path = folder / name

    def reader(data: bytes) -> object:
        path.write_bytes(data)
        return read(path)

    return reader


def _texts(space: SearchSpace) -> Target:
    (example,) = space.sample(1, generator(0, "fuzz"))

    def read(data: bytes) -> object:
        return space.read(_text(data))

    return Target(f"architecture of {space.name}", space.write(example).encode(), read)


def _parquet() -> bytes:
    columns = {"width": [1, 2, 1, 2], "act": ["a", "a", "b", "b"], "accuracy": [0.5, 0.6, 0.7, 0.8]}
    written = io.BytesIO()
    parquet.write_table(pa.table(columns), written)
    return written.getvalue()


def _own_table(path: Path) -> Benchmark:
    return load_own_table(str(path))


def _pickled() -> bytes:
    return pickle.dumps({"a": [1, 2.5, "text", None, True], "b": (np.float64(0.5), -7)}, 3)


def _plain(path: Path) -> object:
    return read_plain_pickle(path, remedy="get it anew", numpy=True)


def _result() -> dict[Any, Any]:
    """What is recorded of one training of NAS-Bench-201, in the parts that are read."""
    return {
        "train_acc1es": {0: 30.5, 199: 99.25},
        "train_times": {0: 7.5, 199: 7.5},
        "params": 0.13,
        "flop": np.float64(15.6),
        "seed": 777,
        "epochs": 200,
        "latency": [0.01, 0.02],
        "eval_acc1es": {"x-valid@199": 90.5, "ori-test@199": 91.5},
    }


def _record() -> bytes:
    results = {("cifar10-valid", 777): _result()}
    return pickle.dumps({"200": {"arch_index": 0, "arch_str": CELL, "all_results": results}}, 4)


def _pack(folder: Path, record: bytes) -> Path:
    archive = folder / "nats"
    archive.mkdir(exist_ok=True)
    meta = pickle.dumps({"meta_archs": [CELL], "total_archs": 1})
    (archive / nats_topology.META).write_bytes(bz2.compress(meta))
    (archive / "000000.pickle.pbz2").write_bytes(bz2.compress(record))
    return archive


def _read_record(folder: Path, data: bytes) -> object:
    return _silent(nats_topology.read)(_pack(folder, data))


def _silent(read: Callable[[Path, Callable[[int, int], None]], object]) -> Callable[[Path], object]:
    return lambda path: read(path, lambda _done, _of: None)


def _tar(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(_pack(folder, _record()), "simple")
    return packed.getvalue()


def _npz() -> bytes:
    packed = io.BytesIO()
    np.savez_compressed(packed, x=np.ones((12, 5)), y=np.arange(12) % 3)
    return packed.getvalue()


def _arrays(path: Path) -> object:
    return read_arrays(path.name, {"x": (None, 5), "y": (None,)}, need="the fuzz")


def _pairs(folder: Path) -> bytes:
    space = NasBench201()
    codes = space.sample_codes(9, generator(1, "cells"))
    pairs_of(space, codes, np.linspace(0, 1, 9), edits=3).save(folder / "pairs.npz")
    return (folder / "pairs.npz").read_bytes()


def _load_pairs(path: Path) -> object:
    return Pairs.load(NasBench201(), path)


def _table(folder: Path) -> bytes:
    """Written where `DELTANAS_DATA` says, which is this folder."""
    columns: dict[str, Any] = {
        "cell": np.array([f"c{row}" for row in range(9)], dtype=object),
        "seed": np.arange(9),
        "accuracy": np.ma.MaskedArray(np.linspace(0, 1, 9), mask=[True] + [False] * 8),
        "seconds": np.linspace(0, 9, 9),
    }
    path = write_table(LAYOUT, columns, Source("authors.pth", 12, "ab" * 32, "a file"))
    if path.parent != folder:
        raise RuntimeError(f"set DELTANAS_DATA to {folder}, it is {path.parent}")
    return path.read_bytes()


def _read_table(path: Path) -> object:
    return read_table(path, LAYOUT, thoroughly=True)


def _torch_files(folder: Path) -> list[Target]:
    import torch  # noqa: PLC0415  slow, and last

    from deltanas.training.checkpoint import Checkpoint  # noqa: PLC0415

    weights = {"w": torch.zeros(3)}
    state = Checkpoint(
        task="task", is_done=False, seconds=1.0, accuracies=[0.5], network=weights,
        best={}, optimizer={}, scaler={},
    )  # fmt: skip
    state.save(folder)
    made = [("checkpoint", (folder / "checkpoint.pt").read_bytes())]
    for name, new in (
        ("authors' file of torch, zip", True),
        ("authors' file of torch, old", False),
    ):
        torch.save(_result(), folder / "b.pth", _use_new_zipfile_serialization=new)
        made.append((name, (folder / "b.pth").read_bytes()))

    def checkpoint(path: Path) -> object:
        return Checkpoint.load(path.parent, "cpu")

    def authors(path: Path) -> object:
        return read_torch_file(path, remedy="get it anew")

    readers = (("checkpoint.pt", checkpoint), ("b.pth", authors), ("b.pth", authors))
    return [
        Target(name, data, _from_file(folder, file, read))
        for (name, data), (file, read) in zip(made, readers, strict=True)
    ]


def _study(folder: Path) -> bytes:
    """A study with finished and failed trainings."""
    path = folder / "study.db"
    path.unlink(missing_ok=True)

    def train(architecture: Any) -> float:  # noqa: ANN401
        if architecture["width"] == 16 and architecture["depth"] == 3:
            raise ValueError("no")
        return float(architecture["depth"]) / (4 + float(architecture["width"]))

    Study(SPACE, train, storage=path).run(9)
    return path.read_bytes()


def _read_study(path: Path) -> object:
    """Everything that a report does, but for its figures."""
    record = Study.open(path)
    made = record.description
    subject = Subject(record.space, record.history, made.method, made.seed, limits=made.limits)
    return page(summarize(subject), [])


def _stored(study: bytes) -> tuple[bytes, bytes]:
    """The JSON that deltanas stores: of a study, and all of its last trial together."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(study)
        (made,) = database.execute("SELECT value_json FROM study_user_attributes").fetchone()
        query = "SELECT key, value_json FROM trial_user_attributes WHERE trial_id = 9"
        trial = {name: json.loads(value) for name, value in database.execute(query)}
    return made.encode(), json.dumps(trial).encode()


def _read_description(data: bytes) -> object:
    """What `Study.open` and continuing make of it."""
    value = json.loads(data)
    if not isinstance(value, dict):
        raise StudyError("refused by `opening`")
    made = Description.from_record(value, "here")
    space = space_of(made, "here")
    made.check_continues(made, "here")
    return space


def _read_trial(data: bytes) -> object:
    """What `Study.open` makes of it."""
    stored = json.loads(data)
    if not isinstance(stored, dict):
        raise StudyError("a row of the database has a name")
    proposal = rows.proposal_of(9, stored, SPACE, "here")
    return proposal, rows.evaluation_of(9, stored.get(rows.EVALUATION), "here")
