"""The same study in optuna-dashboard: asked as a browser asks it, without a server."""

import json
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
