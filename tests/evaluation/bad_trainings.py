"""Training functions that do what real ones do at their worst; other processes import them."""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

FOLDER = "DELTANAS_TEST_FOLDER"
"""Variable with a folder where trainings leave notes."""


def note(name):
    """Add a line to a file of notes; how many there are now."""
    path = Path(os.environ[FOLDER]) / name
    with path.open("a") as file:
        file.write(f"{os.getpid()}\n")
    return len(path.read_text().splitlines())


def good(architecture):
    return (architecture["a"] + architecture["b"]) / 16


def killed_where_b_is_4(architecture):
    if architecture["b"] == 4:
        note(f"killed-{architecture['a']}")
        os.write(2, b"the very last words\n")
        os.kill(os.getpid(), signal.SIGKILL)
    return good(architecture)


def killed_once(architecture):
    if note(f"once-{architecture['a']}-{architecture['b']}") == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return good(architecture)


def exits_at_once(architecture):
    os._exit(3)


def reports(architecture, context):
    for epoch in range(1, 6):
        context.report(epoch, 0.5)
    return good(architecture)


def hangs_where_b_is_4(architecture):
    if architecture["b"] == 4:
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
        (Path(os.environ[FOLDER]) / f"child-{architecture['a']}").write_text(str(child.pid))
        time.sleep(300)
    return good(architecture)


def waits(architecture):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    (Path(os.environ[FOLDER]) / f"pids-{os.getpid()}").write_text(f"{os.getpid()} {child.pid}")
    time.sleep(300)


def slow(architecture):
    time.sleep(0.05)
    note("trained")
    return good(architecture)


def prints_a_lot(architecture):
    line = "x" * 1_000_000 + "\n"
    for _ in range(50):
        sys.stdout.write(line)
        sys.stderr.write(line)
    os.write(1, b"and past Python's own stream\n")
    return good(architecture)


class UnpicklableError(Exception):
    def __init__(self, first, second):
        super().__init__("no pickle of this")
        self.lock = threading.Lock()


class Unprintable(BaseException):
    def __str__(self):
        raise ValueError("not even that")


def raises_unpicklable(architecture):
    raise UnpicklableError(1, 2)


def raises_unprintable(architecture):
    raise Unprintable


def threads(architecture):
    return {"accuracy": 0.5, "threads": int(os.environ["OMP_NUM_THREADS"])}


def threads_of_torch(architecture):
    return {"accuracy": 0.5, "threads": importlib.import_module("torch").get_num_threads()}


def with_context(architecture, context):
    context.report(1, 0.25)
    (context.folder / "pid").write_text(str(os.getpid()))
    return 0.5


def cannot_be_made():
    raise OSError("no data here")


def dies_when_made():
    os._exit(9)


def kills_its_supervisor_where_b_is_4(architecture):
    if architecture["b"] == 4:
        note(f"lost-{architecture['a']}")
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(300)
    return good(architecture)


def says_its_threads(architecture):
    sys.stdout.write("loud and clear\n")
    return threads(architecture)


def leaks_where_b_is_4(architecture):
    if architecture["b"] == 4:
        code = "import time; x = bytearray(400_000_000); time.sleep(300)"
        child = subprocess.Popen([sys.executable, "-c", code])
        (Path(os.environ[FOLDER]) / f"child-{architecture['a']}").write_text(str(child.pid))
        child.wait()
    return good(architecture)


def sees_gpus(architecture):
    time.sleep(0.3)
    return {"accuracy": 0.5, "gpu": int(os.environ["CUDA_VISIBLE_DEVICES"])}


def slow_without_notes(architecture):
    time.sleep(0.5)
    return good(architecture)


def waits_for_the_flag(architecture):
    note("begun")
    while not (Path(os.environ[FOLDER]) / "flag").exists():
        time.sleep(0.05)
    return good(architecture)


def reports_and_waits_for_the_flag(architecture, context):
    context.report(1, 0.25, loss=2.0)
    accuracy = waits_for_the_flag(architecture)
    context.report(2, accuracy)
    return accuracy
