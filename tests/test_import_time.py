"""Nothing heavy is loaded before it is needed; what counts is what was loaded, not seconds."""

import importlib.util
import json
import subprocess
import sys

import pytest

HEAVY = {
    "matplotlib",
    "optuna",
    "pooch",
    "pyarrow",
    "ray",
    "requests",
    "sklearn",
    "smac",
    "torch",
}

PREDICTING = ("scipy.linalg", "scipy.sparse", "scipy.special", "scipy.stats")
"""They take half a second, and a search that goes on for hours does not notice."""

HELP = """
import sys
from deltanas.cli.app import main
sys.argv = ["deltanas", "--help"]
try:
    main()
except SystemExit as end:
    assert end.code == 0, end.code
"""


def modules_after(code: str) -> tuple[set[str], str]:
    """Top-level modules that a fresh interpreter holds after `code`, and what it printed."""
    code += "\nimport json, sys\nprint()\nprint(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    *printed, modules = done.stdout.splitlines()
    return {name.partition(".")[0] for name in json.loads(modules)}, "\n".join(printed)


@pytest.mark.process
def test_a_heavy_import_would_be_noticed():
    modules, _ = modules_after("import matplotlib")
    assert modules & HEAVY == {"matplotlib"}


@pytest.mark.process
def test_importing_deltanas_loads_nothing_heavy():
    modules, _ = modules_after("import deltanas")
    assert "deltanas" in modules
    assert sorted(modules & HEAVY) == []


@pytest.mark.process
@pytest.mark.skipif(
    importlib.util.find_spec("deltanas.cli") is None
    or importlib.util.find_spec("deltanas.cli.app") is None,
    reason="there is no command line yet",
)
def test_the_help_of_the_command_line_loads_nothing_heavy():
    modules, printed = modules_after(HELP)
    assert "search" in printed
    assert sorted(modules & HEAVY) == []


@pytest.mark.process
def test_what_status_needs_loads_no_part_of_scipy_that_only_predictions_need():
    code = "import sys, deltanas.cli.status\nprint([m for m in sys.modules if 'scipy.' in m])"
    _, printed = modules_after(code)
    assert not [name for name in PREDICTING if repr(name) in printed]
