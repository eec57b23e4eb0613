"""What a search costs beside its trainings: `python -m bench.search_overhead`.

The command `deltanas search` in a process of its own, from its start to its end with the
report, on the space of `cnn-cell`. A training sleeps SECONDS, so it costs no CPU: what the
process computes is all overhead, and so is the wall time that the trainings did not take.
The parts are timed in a second search in this process, whose trainings do not sleep.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from deltanas.networks import cnn_cell
from deltanas.report import Subject, summarize, write_report
from deltanas.study import Evaluated, Event, Proposed, Study

PROJECT = """
import time
from deltanas.networks import cnn_cell as space

def train(architecture, context):
    time.sleep({seconds})
    context.report(1, 0.5)
    return 0.5 + 0.0001 * (hash(tuple(architecture.code)) % 997)
"""
PROGRAM = "from deltanas.cli.app import main; main()"


def whole(seconds: float, trials: int) -> tuple[float, float, float]:
    """Wall and CPU seconds of the command, and the seconds that its trainings sleep."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "project.py").write_text(PROJECT.format(seconds=seconds), "utf-8")
        words = ["search", "project.py:space", "--train", "project.py:train", "--study", "s.db"]
        words += ["--budget", str(trials), "--plain"]
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-c", PROGRAM, *words]
        subprocess.run(command, check=True, cwd=folder, capture_output=True)  # noqa: S603
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, seconds * trials


def parts(trials: int) -> dict[str, float]:
    """Seconds of each part of a search whose trainings take no time."""
    found = dict.fromkeys(("proposals, with storing", "results, with storing", "report"), 0.0)
    last = [time.perf_counter()]

    def watch(event: Event) -> None:
        now = time.perf_counter()
        part = {Proposed: "proposals, with storing", Evaluated: "results, with storing"}
        if type(event) in part:
            found[part[type(event)]] += now - last[0]
        last[0] = now

    with tempfile.TemporaryDirectory() as folder:
        space = cnn_cell()
        study = Study(space, lambda a: 0.5 + 0.0001 * sum(a.code), storage=Path(folder, "s.db"))
        last[0] = time.perf_counter()
        study.run(trials, watch)
        start = time.perf_counter()
        made = study.description
        write_report(summarize(Subject(space, study.history, made.method, made.seed)), Path(folder))
        found["report"] = time.perf_counter() - start
    return found


def main() -> None:
    """Print the ratio, and where the time goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--trials", type=int, default=40)
    asked = parser.parse_args()
    for part, seconds in parts(asked.trials).items():
        print(f"{part:26}{seconds:8.2f} s in all, {asked.trials} trainings", flush=True)
    wall, cpu, trained = whole(asked.seconds, asked.trials)
    print(f"{asked.trials} trainings of {asked.seconds:g} s: wall {wall:.1f} s, of them trainings")
    print(f"{trained:.1f} s; the rest {wall - trained:.1f} s is {100 * (1 - trained / wall):.2f} %")
    print(f"CPU of the whole command: {cpu:.1f} s, {100 * cpu / wall:.2f} % of the wall time")


if __name__ == "__main__":
    main()
