"""The Ray cluster that a search has started or joined: the only file that imports Ray."""

import contextlib
import importlib
import logging
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final

from deltanas.errors import TrainingError
from deltanas.evaluation.crew import AUTO, LOCAL, Crew
from deltanas.evaluation.outcome import failed
from deltanas.evaluation.shipping import Make, packed_for_elsewhere
from deltanas.evaluation.supervisor import Answer, Supervisor

HOUSE: Final = Path(__file__).parent.parent
"""The package itself, which is shipped with the user's folder."""
EXCLUDED: Final = ("/runs/", "*.db", "*.db.*", "/.venv/", "/.git/", "__pycache__/")
"""What of the user's folder is not shipped, besides what git ignores; studies above all."""
LOOPBACK: Final = "127.0.0.1"
OBJECTS_BYTES: Final = 100_000_000
"""Shared memory of a Ray that we start: what passes through it are accuracies."""
LEFT_ALONE: Final = {"RAY_kill_child_processes_on_worker_exit": "0"}
"""Ray would kill the training but not what it started; a training alone ends both by itself."""
PRIORITY: Final = ("RAY_worker_niceness", "0")
"""Ray would give its workers the last rest of a busy machine; local ones get their share."""
PATIENCE_S: Final = 10.0
"""Seconds that the machine of an address may take to answer."""


@final
@dataclass(frozen=True, slots=True)
class Lost:
    """An answer that will never come."""

    words: str
    """Why."""
    is_final: bool = False
    """Whether another worker would fare no better."""


@final
class Cluster:
    """A cluster by the few questions that evaluation has for it."""

    def __init__(self, crew: Crew, make: Make) -> None:
        """Start Ray on this machine, or join a cluster.

        A Ray that this process has joined already is used as it is, and left running.

        Args:
            crew: The address, and what each training gets.
            make: Makes an evaluator where a training runs.

        Raises:
            TrainingError: Ray is not installed, there is no such cluster, or the training cannot
                be packed.
        """
        self._crew = crew
        self._ray = ray = _imported(crew.ray)
        self._is_ours = not ray.is_initialized()
        self._folder: str | None = None
        if crew.ray == LOCAL:
            self._folder = str(Path.cwd())
        self._make = packed_for_elsewhere(make, ray.cloudpickle.dumps)
        if self._is_ours:
            _start(ray) if crew.ray == LOCAL else _join(ray, str(crew.ray))
        needs = {"CPU": crew.cpus, "GPU": crew.gpus, "memory": crew.memory_bytes or 0}
        self._needs = {name: each for name, each in {**needs, **crew.custom}.items() if each}
        has_begun_here = crew.ray == LOCAL and LEFT_ALONE.items() <= os.environ.items()
        # Its own environment costs a worker a second: no process that Ray has ready fits it.
        self._environment = None if self._is_ours or has_begun_here else {"env_vars": LEFT_ALONE}

    def room(self, *, is_needed: bool) -> int:
        """How many trainings fit on the machines that are there, whoever else uses them.

        Args:
            is_needed: Whether not a single one is an error.

        Raises:
            TrainingError: None fits, and one is needed.
        """
        with self._held():
            machines = [each["Resources"] for each in self._ray.nodes() if each["Alive"]]
        room = sum(_room(machine, self._needs) for machine in machines)
        if not room and is_needed:
            names = {*self._needs, "CPU", "GPU"}
            has = "; ".join(_shown({n: m[n] for n in names if n in m}) for m in machines)
            raise TrainingError(
                f"expected a machine in the Ray cluster with {_shown(self._needs)} for a training, "
                f"its machines have {has or 'nothing'}; ask for less, or give --workers so that "
                f"trainings wait for machines to come"
            )
        return room

    def worker(self, log: Path | None) -> Any:  # noqa: ANN401 - Ray's handles have no type
        """Ask for a worker; it starts when a machine has what it needs."""
        crew = self._crew
        options = self._ray.remote(Supervisor).options(
            num_cpus=crew.cpus,
            num_gpus=crew.gpus or None,
            memory=crew.memory_bytes,
            resources=dict(crew.custom) or None,
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=2,
            runtime_env=self._environment,
        )
        with self._held():
            return options.remote(self._make, crew.alone, log, self._folder)

    def ask(self, question: Any, *arguments: object) -> Any:  # noqa: ANN401
        """Ask a worker, `worker.evaluate` for example; what `wait`, `answer` and `told` take."""
        with self._held():
            return question.remote(*arguments)

    def wait(self, asked: Sequence[Any], seconds: float) -> list[Any]:
        """Those that are answered, waiting for the first one."""
        with self._held():
            ready, others = self._ray.wait(list(asked), timeout=seconds)
            if ready and others:
                ready += self._ray.wait(others, num_returns=len(others), timeout=0)[0]
        return list(ready)

    def told(self, asked: Any) -> Any:  # noqa: ANN401
        """What a worker says; None from one that is lost, which `answer` gives the reason of."""
        with self._held():
            try:
                return self._ray.get(asked)
            except self._ray.exceptions.RayError:
                return None

    def answer(self, asked: Any, number: int) -> Answer | Lost:  # noqa: ANN401
        """The answer to a question about proposal `number` that is answered."""
        errors = self._ray.exceptions
        try:
            found = self._ray.get(asked)
        except errors.RayTaskError as error:
            reason = f"a Ray worker cannot take it: {_last_line(error)}"
            return Answer(failed(number, reason, None), [])
        except errors.RuntimeEnvSetupError as error:
            words = f"the cluster cannot set up what it was sent: {_last_line(error)}"
            return Lost(words, is_final=True)
        except errors.RayError as error:
            is_final = "creation task" in str(error)
            return Lost(_last_line(error), is_final)
        except (ConnectionError, OSError) as error:
            raise _gone(error) from None
        if isinstance(found, Answer) and found.found.number == number:
            return found
        return Lost(str(found), is_final=True)

    def end(self, worker: Any) -> None:  # noqa: ANN401
        """End a worker and what it trains; one that is gone already is no error."""
        with contextlib.suppress(Exception):
            self._ray.kill(worker, no_restart=True)

    def leave(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._is_ours:
            self._ray.shutdown()

    @contextlib.contextmanager
    def _held(self) -> Iterator[None]:
        try:
            yield
        except (ConnectionError, self._ray.exceptions.RaySystemError) as error:
            raise _gone(error) from None


def _imported(address: str | None) -> Any:  # noqa: ANN401 - a module
    """Ray itself; one that will be started here is told to keep to itself before it is read."""
    if address == LOCAL:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # on Linux too: loopback only
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise TrainingError(
            f"expected Ray for the cluster {address!r}, it is not installed; "
            f"pip install 'deltanas[ray]', or use processes of this machine (--workers)"
        ) from None


def _start(ray: Any) -> None:  # noqa: ANN401
    os.environ.update(LEFT_ALONE)
    os.environ.setdefault(*PRIORITY)
    with _joining("start Ray on this machine", "free memory, or use --workers"):
        ray.init(
            address=LOCAL,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
            object_store_memory=OBJECTS_BYTES,
            _node_ip_address=LOOPBACK,
        )
    if ray.util.get_node_ip_address() != LOOPBACK:
        ray.shutdown()
        raise TrainingError(
            "expected a Ray that other machines cannot reach, it was imported before it could be "
            "told so; import ray after the study is made, or call ray.init() yourself"
        )


def _join(ray: Any, address: str) -> None:  # noqa: ANN401
    _, _, place = address.rpartition("//")
    host, colon, port = place.rpartition(":")
    what = f"join the Ray cluster {address!r}"
    with _joining(what, "`ray start --head` starts one, `--ray local` one for this search alone"):
        if colon and port.isdigit():
            socket.create_connection((host.strip("[]"), int(port)), PATIENCE_S).close()
    advice = (
        "see that versions of Python and Ray are its own; where it asks for a token, as new ones "
        "do, set RAY_AUTH_MODE=token and have its token in ~/.ray/auth_token"
    )
    if address == AUTO:
        advice = "`ray start --head` starts one, `--ray local` one for this search alone"
    with _joining(what, advice):
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level=logging.ERROR,
            runtime_env={
                "working_dir": str(Path.cwd()),
                "py_modules": [str(HOUSE)],
                "excludes": list(EXCLUDED),
                "env_vars": LEFT_ALONE,
            },
        )


@contextlib.contextmanager
def _joining(what: str, advice: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - Ray raises errors of all kinds
        raise TrainingError(f"expected to {what}, got {_last_line(error)}; {advice}") from None


def _gone(error: Exception) -> TrainingError:
    return TrainingError(
        f"the Ray cluster is lost ({_last_line(error)}); what ended is saved, what ran is begun "
        f"again when the study goes on"
    )


def _room(machine: Mapping[str, float], needs: Mapping[str, float]) -> int:
    return min(int(machine.get(name, 0.0) / need + 1e-9) for name, need in needs.items())


def _shown(resources: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {each:g}" for name, each in sorted(resources.items()))


def _last_line(error: BaseException) -> str:
    """The last line of an error that Ray has not indented, without colours."""
    lines = [line for line in str(error).splitlines() if line.strip() and line[0] not in "\t "]
    return lines[-1].strip()[:300] if lines else type(error).__name__
