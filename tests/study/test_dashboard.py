"""The same study in optuna-dashboard: its answers without a server, and its page in a browser."""

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sysconfig
import time
from wsgiref.util import setup_testing_defaults

import optuna
import pytest

from deltanas.spaces import BlockSpace
from deltanas.study import Study

dashboard = pytest.importorskip("optuna_dashboard", reason="needs the extra dashboard")


def answer(application, path):
    """Status and body of a GET request to a WSGI application."""
    said = []
    environ = {"PATH_INFO": path}
    setup_testing_defaults(environ)
    body = b"".join(application(environ, lambda status, *rest: said.append(status)))
    return said[0], body


def test_the_dashboard_shows_the_trials_of_a_study(tmp_path):
    file = tmp_path / "study.db"
    space = BlockSpace({"depth": (1, 2, 3), "act": ("relu", "gelu")})
    Study(space, lambda a: 0.1 * a["depth"], storage=file, method="random").run(4)
    storage = optuna.storages.RDBStorage(f"sqlite:///{file}")
    application = dashboard.wsgi(storage)
    status, body = answer(application, "/api/studies")
    assert status.startswith("200"), body
    (summary,) = json.loads(body)["study_summaries"]
    assert summary["study_name"] == "deltanas"
    status, body = answer(application, f"/api/studies/{summary['study_id']}")
    assert status.startswith("200"), body
    trials = json.loads(body)["trials"]
    assert len(trials) == 4
    for trial in trials:
        depth = next(each for each in trial["params"] if each["name"] == "depth")
        # The labels of depth are 1, 2, 3, so the position inside Optuna is one less.
        assert trial["values"][0] == pytest.approx(0.1 * (depth["param_internal_value"] + 1))
    storage.engine.dispose()


@contextlib.contextmanager
def served(file):
    """The command of our docs on a free port; yields the address of the page of the study."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = shutil.which("optuna-dashboard", path=sysconfig.get_path("scripts"))
    with (file.parent / "served.txt").open("w") as output:
        server = subprocess.Popen(
            [program, f"sqlite:///{file}", "--port", str(port)], stdout=output, stderr=output
        )
        try:
            for _ in range(300):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}/dashboard/studies/1"
        finally:
            server.kill()
            server.wait()


def seen_in_a_browser(file):
    """The page of the study, after the scripts on it have drawn it."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("there is no browser; apt-get install chromium")
    with served(file) as page:
        return subprocess.run(
            [
                browser, "--headless=new", "--no-sandbox",
                f"--user-data-dir={file.parent / 'profile'}",
                "--virtual-time-budget=5000", "--dump-dom", page,
            ],
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout  # fmt: skip


@pytest.mark.process
@pytest.mark.slow
def test_a_browser_shows_the_best_network_of_a_study(tmp_path):
    file = tmp_path / "study.db"
    space = BlockSpace({"depth": (1, 2, 3), "act": ("relu", "gelu")})
    study = Study(space, lambda a: 0.3004 * a["depth"], storage=file, method="random")
    study.run(6)
    study.close()
    seen = seen_in_a_browser(file)
    assert ">0.9012<" in seen  # 3 * 0.3004, the best of all six
    best = study.best.architecture
    assert f"Params = [depth: 3, act: {best['act']}]" in seen
    assert ">accuracy<" in seen  # what the values are; Optuna alone says "Objective 0"
    assert "Objective 0" not in seen


@pytest.mark.process
@pytest.mark.slow
def test_a_browser_shows_the_front_of_a_study_of_several_objectives(tmp_path):
    file = tmp_path / "study.db"
    space = BlockSpace({"depth": (1, 2, 3), "act": ("relu", "gelu")})

    def train(architecture):
        gain = 0.1 if architecture["act"] == "gelu" else 0.0
        return {"accuracy": 0.2 * architecture["depth"] + gain, "energy": architecture["depth"]}

    study = Study(space, train, storage=file, objectives=["accuracy", "energy:min"])
    study.run(6)
    study.close()
    seen = seen_in_a_browser(file)
    assert ">Pareto Front<" in seen
    assert ">energy<" in seen
    assert "Objective 0" not in seen
    best = seen[seen.index(">Best Trials<") :]
    shown = [int(each) for each in re.findall(r">Trial (\d+)<", best)]
    assert {trial.architecture["act"] for trial in study.front} == {"gelu"}
    assert shown == sorted(trial.number for trial in study.front)
    for depth in (1, 2, 3):
        assert f"Params = [depth: {depth}, act: gelu]" in best
