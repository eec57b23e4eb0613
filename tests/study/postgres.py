"""A real PostgreSQL server on loopback, which tests start, stop and throw away."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

PASSWORD = "pa55-of-ann"  # noqa: S105 - of a server that lives for one test
"""Must never be seen anywhere."""


def binaries():
    """Folder of PostgreSQL's programs; the test is skipped where there are none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found += [Path(each) for each in [shutil.which("initdb")] if each]
    if not found:
        pytest.skip("PostgreSQL is not installed; apt-get install postgresql")
    pytest.importorskip("psycopg", reason="needs the extra postgresql")
    return found[-1].resolve().parent


class Server:
    """One server with an empty database for each name that is asked for."""

    def __init__(self):
        self._bin = binaries()
        # PostgreSQL refuses to run as root; Debian's package makes a user for it.
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        shutil.chown(self.folder, self._user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        secret = self.folder / "secret"
        secret.write_text(PASSWORD)
        shutil.chown(secret, self._user)
        self._do("initdb", "-D", self.data, "-U", "ann", "-A", "scram-sha-256", "--no-sync",
                 "-E", "UTF8", f"--pwfile={secret}")  # fmt: skip
        self.start()

    @property
    def data(self):
        return str(self.folder / "data")

    def start(self):
        options = (
            f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off "
            f"-c log_destination=stderr -c logging_collector=off"
        )
        log = str(self.folder / "log")
        self._do("pg_ctl", "-D", self.data, "-w", "-o", options, "-l", log, "start")

    def stop(self):
        """End all connections at once, as a restart of the machine does."""
        self._do("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def database(self, name, *words):
        """URL of a new, empty database; the words are options of `createdb`."""
        environment = {"PGPASSWORD": PASSWORD}
        self._do("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "ann", *words, name,
                 environment=environment)  # fmt: skip
        return f"postgresql+psycopg://ann:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    def close(self):
        self.stop()
        shutil.rmtree(self.folder)

    def _do(self, program, *words, environment=None):
        user = {"user": self._user, "group": self._user} if os.geteuid() == 0 else {}
        subprocess.run(
            [str(self._bin / program), *words],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            extra_groups=[] if user else None,
            **user,
        )
