"""The lines of docs/security.md that no room tests: what comes from outside does nothing."""

import ast
import csv
import io
import os
import pickle
import re
import shutil
import socket
import sqlite3
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from deltanas.archives import LARGEST, UnreadableArchiveError, read_archive
from deltanas.benchmarks.importers import nats_topology
from deltanas.benchmarks.importers.torch_file import read_torch_file
from deltanas.cli.order import Order
from deltanas.errors import DataError, ExportError, SpaceError
from deltanas.evaluation import Workplace
from deltanas.export import export_model
from deltanas.export.card import own_card
from deltanas.spaces import BlockSpace
from deltanas.spaces.space_yaml import read_yaml
from deltanas.study import Study
from deltanas.study.place import Place
from deltanas.study.sqlite_file import connect
from deltanas.texts import as_code, inert
from deltanas.texts import markdown as plain
from deltanas.training.checkpoint import FILE, Checkpoint
from deltanas.training.own_data import read_folder, read_npz

HOUSE = Path(__file__).parent.parent / "src" / "deltanas"
DOCS = Path(__file__).parent.parent / "docs" / "security.md"


class Trap:
    """Makes a folder when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def calls():
    """Every call in the house: file, and the name that is called with its dots."""
    for path in HOUSE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                yield path.relative_to(HOUSE).as_posix(), ast.unparse(node.func), ast.unparse(node)


def test_what_can_run_code_is_called_in_known_places_only():
    running = re.compile(
        r"^(eval|exec|compile|__import__|os\.system|os\.popen|pickle\.loads?|pickle\.Unpickler"
        r"|torch\.load|np\.load|yaml\.load|subprocess\.\w+|cloudpickle\.loads?)$"
    )
    found = {(file, name) for file, name, _ in calls() if running.match(name)}
    assert found == {
        # From the process that started this one, through a pipe of its own.
        ("evaluation/shipping.py", "pickle.loads"),
        ("evaluation/worker_process.py", "subprocess.Popen"),
        ("archives.py", "np.load"),
        ("training/checkpoint.py", "torch.load"),
        ("spaces/space_yaml.py", "yaml.load"),
    } | {each for each in found if each[0].startswith("evaluation/") and "subprocess" in each[1]}
    texts = [text for _, name, text in calls() if name in ("np.load", "torch.load", "yaml.load")]
    safe = ("allow_pickle=False", "weights_only=True", "Loader=_Loader")
    assert all(any(word in text for word in safe) for text in texts)


def test_nothing_listens():
    listening = re.compile(r"(^|\.)(bind|listen|create_server|serve_forever|HTTPServer|Listener)$")
    # Arguments that are bound to a signature are no port.
    others = [("compare/own_method.py", "inspect.signature(make).bind")]
    assert [each[:2] for each in calls() if listening.search(each[1])] == others


def test_a_search_opens_no_port(tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("a search opened a port")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    space = BlockSpace({"a": (1, 2, 3), "b": (1, 2)})
    with Study(space, lambda each: each["a"] / 10, storage=tmp_path / "s.db") as study:
        study.run(4)
    assert len(study.trials) == 4


def test_a_checkpoint_with_code_is_not_gone_on_from_and_runs_nothing(tmp_path):
    torch = pytest.importorskip("torch")
    torch.save({"task": Trap(tmp_path / "sprung")}, tmp_path / FILE)
    assert Checkpoint.load(tmp_path, "cpu") is None
    (tmp_path / FILE).write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    assert Checkpoint.load(tmp_path, "cpu") is None
    assert not (tmp_path / "sprung").exists()


def test_arrays_with_objects_are_refused_and_nobody_is_told_how_to_run_them(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, x=np.array([Trap(tmp_path / "sprung")], dtype=object), y=np.zeros(1))
    with pytest.raises(DataError, match="holds objects, which are not read") as error:
        read_npz(path)
    assert "allow_pickle" not in str(error.value)
    assert not (tmp_path / "sprung").exists()


def test_an_archive_of_arrays_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    assert LARGEST == 4 * 2**30
    monkeypatch.setattr("deltanas.archives.LARGEST", 10_000)
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros(100_000))
    with pytest.raises(UnreadableArchiveError, match="unpacks to 0.0 GiB, more than"):
        read_archive(tmp_path / "x.npz", ["x"])


def test_a_packed_file_of_torch_is_refused_because_torch_packs_nothing(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", pickle.dumps(["a" * 10**6]))
    with pytest.raises(DataError, match="which could unpack to any size"):
        read_torch_file(tmp_path / "x.pth", remedy="get it anew")


def test_a_member_of_a_tar_larger_than_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(nats_topology, "LARGEST", 1000)
    with tarfile.open(tmp_path / "x.tar", "w:gz") as archive:
        member = tarfile.TarInfo("a/meta.pickle.pbz2")
        member.size = 5000
        archive.addfile(member, io.BytesIO(bytes(5000)))
    with pytest.raises(DataError, match="should hold files of at most"):
        nats_topology.read(tmp_path / "x.tar", lambda *_: None)


def test_an_image_that_would_start_a_program_is_refused(tmp_path):
    (tmp_path / "cat").mkdir()
    postscript = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 4 4\n%%EndComments\nshowpage\n"
    (tmp_path / "cat" / "a.png").write_bytes(postscript)
    with pytest.raises(DataError, match="cannot be read as an image"):
        read_folder(tmp_path)


def train(architecture):
    return architecture["a"] / 10


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.db"
    with Study(BlockSpace({"a": (1, 2), "b": (1, 2)}), train, storage=path) as made:
        made.run(3)
    return path


def altered(path, old, new):
    with closing(sqlite3.connect(path)) as database:
        query = "UPDATE study_user_attributes SET value_json = replace(value_json, ?, ?)"
        database.execute(query, (old, new))
        database.commit()


def test_a_builder_that_a_study_names_is_not_run_because_of_that(study, tmp_path):
    evil = tmp_path / "evil.py"
    evil.write_text(f"import os\nos.mkdir({str(tmp_path / 'sprung')!r})\n", "utf-8")
    stored = f'training {{\\"data\\": \\"digits\\", \\"build\\": \\"{evil}:build\\"}}'
    altered(study, '"benchmark": null', f'"benchmark": "{stored}"')
    with pytest.raises(ExportError, match="code is not run because a study names it; if you trust"):
        export_model(str(study), tmp_path / "out")
    with pytest.raises(ExportError, match="expected the builder that the study"):
        export_model(str(study), tmp_path / "out", build="mine.py:build")
    assert not (tmp_path / "sprung").exists()


def test_a_link_in_a_trial_folder_is_not_followed_by_an_export(study, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("of another place", "utf-8")
    record = Study.open(study)
    (tmp_path / "study-trials").mkdir()
    for trial in record.trials:
        # The name that a workplace gives; any of them may be the best.
        folder = Workplace(Place.of(study).trials).folder_of(trial.proposal)
        folder.mkdir()
        (folder / "weights").symlink_to(secret)
        (folder / "mine").write_text("kept", "utf-8")
    done = export_model(str(study), tmp_path / "out")
    assert done.files == ("architecture.json", "README.md", "training/mine")
    shutil.rmtree(tmp_path / "out")


def test_the_schema_of_a_study_file_is_not_trusted(study):
    with closing(connect(study, "ro")) as connection:
        assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)


def test_yaml_makes_no_objects(tmp_path):
    for text in ("!!python/object/apply:os.mkdir [x]", "a: !!python/name:os.system", "a: &b [*b]"):
        with pytest.raises(SpaceError, match="is no YAML that is read here: line 1"):
            read_yaml(text, "space.yaml")


def test_a_rule_cannot_fill_the_memory():
    for rule in ("a * 'x' != 'y'", "'%99999999d' % a != 'y'", "[1] * a != 2"):
        with pytest.raises(SpaceError, match="arithmetic is on numbers"):
            BlockSpace({"a": (10**9, 2)}, rules=[rule])


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:S3CRET@host:5432/db",
        "postgresql+psycopg://host/db?user=me&password=S3CRET&sslkey=S3CRET",
        "mysql://me@host/db?passwd=S3CRET",
    ],
)
def test_passwords_of_a_database_are_never_shown(url):
    shown = Place.of(url).shown
    assert "S3CRET" not in shown
    assert "***" in shown
    command = Order("nasbench201:cifar10", 60, 0, url).command
    assert "S3CRET" not in command
    assert "***" in command


def test_what_is_no_url_is_not_repeated_either():
    assert "S3CRET" not in Order("x", 60, 0, "://S3CRET").command


NAMES = ["<b>x</b>", "a|b", "`rm`", "[x](javascript:y)", "a\nb", "\x1b[31mred", "\u202eevil", "*x*"]


@pytest.mark.parametrize("name", NAMES)
def test_markdown_shows_names_as_they_are(name):
    for shown in (plain(name), as_code(name)):
        assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert not re.search(r"(?<!\\)[<>|`*\[\]]", plain(name))
    assert as_code("a`b``c") == "``` a`b``c ```"


@pytest.mark.parametrize("name", ["=cmd()", "+1", "-1", "@x", "\t=1", "\r=1", "\x00=1"])
def test_a_spreadsheet_finds_no_formula(name):
    assert inert(name).startswith("'")
    (cell,) = next(csv.reader([inert(name)]))
    assert cell[0] == "'"
    assert inert("tpe") == "tpe"


def test_the_card_of_a_model_holds_no_markup_of_others(study):
    record = Study.open(study)
    text = own_card(record, record.best, ["a`b", "<script>"])
    assert "`` a`b ``" in text
    assert "`<script>`" in text


def test_every_line_of_the_threat_model_names_a_test_that_is_there():
    tests = Path(__file__).parent
    text = DOCS.read_text("utf-8")
    named = re.findall(r"`(test_\w+)`", text)
    assert len(named) >= 20
    there = {
        name
        for path in tests.rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }
    assert sorted(set(named) - there) == []
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    assert all("`test_" in row or row.startswith("| What") for row in rows)
