"""How much memory a training takes, with all the processes that it has started."""

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")


def session_bytes(session: int) -> int:
    """Resident memory of all processes of a session; pages that they share count for each.

    Linux lists them in /proc. Elsewhere `ps` is asked, which knows the process group only.

    Args:
        session: Number of the process that leads it.
    """
    if not (PROC / "self/stat").exists():
        return _asked_of_ps(session)
    page, found = os.sysconf("SC_PAGE_SIZE"), 0
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                # After the name, which may hold anything: field 6 is the session, 24 the pages.
                fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                found += int(fields[21]) * page if int(fields[3]) == session else 0
    return found


def _asked_of_ps(group: int) -> int:
    words = ["ps", "-A", "-o", "pgid=", "-o", "rss="]
    listed = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    rows = [line.split() for line in listed.stdout.splitlines()]
    return sum(int(rss) * 1024 for number, rss in rows if int(number) == group)
