"""Downloads from a server in this process; nothing leaves the machine."""

import hashlib
import http.server
import socket
import threading
from dataclasses import replace

import pytest

from deltanas.benchmarks import fetching
from deltanas.benchmarks.fetching import fetch
from deltanas.benchmarks.whereabouts import DOWNLOADS, Download
from deltanas.errors import DataError, MissingDataError

pytest.importorskip("pooch")

DATA = bytes(range(256)) * 4096
SHA256 = hashlib.sha256(DATA).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves DATA; a path says how it misbehaves."""

    def do_GET(self):
        self.server.asked.append(self.headers.get("Range"))
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "http://example.invalid/")
            self.end_headers()
            return
        if self.path == "/missing":
            self.send_error(404)
            return
        body, status = DATA, 200
        wanted = self.headers.get("Range")
        if wanted and self.path != "/stubborn":
            first = int(wanted.removeprefix("bytes=").removesuffix("-"))
            body, status = DATA[first:], 206 if first < len(DATA) else 416
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/cut" and not wanted:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def wanted(server):
    url = f"http://127.0.0.1:{server.server_port}"
    return Download("a.bin", "the authors' page", f"{url}/plain", SHA256, len(DATA))


def at(wanted, path):
    return replace(wanted, url=wanted.url.replace("/plain", path))


def silent(_, __):
    pass


def test_a_file_is_fetched_once_and_its_progress_told(wanted, server, tmp_path):
    told = []
    path = fetch(wanted, tmp_path / "new", told=lambda done, of: told.append((done, of)))
    assert path == tmp_path / "new" / "a.bin"
    assert path.read_bytes() == DATA
    assert told[0] == (0, len(DATA))
    assert told[-1] == (len(DATA), len(DATA))
    assert [each.name for each in path.parent.iterdir()] == ["a.bin"]
    fetch(wanted, tmp_path / "new", told=silent)
    assert len(server.asked) == 1


def test_a_download_that_stopped_goes_on_where_it_was(wanted, server, tmp_path):
    with pytest.raises(
        DataError, match=r"could not be fetched from .*/cut .*; 0.5 MB came and are"
    ):
        fetch(at(wanted, "/cut"), tmp_path, told=silent)
    assert (tmp_path / "a.bin.part").stat().st_size == len(DATA) // 2
    assert not (tmp_path / "a.bin").exists()
    assert fetch(at(wanted, "/cut"), tmp_path, told=silent).read_bytes() == DATA
    assert server.asked == [None, f"bytes={len(DATA) // 2}-"]


@pytest.mark.parametrize("kept", [len(DATA), len(DATA) // 3])
@pytest.mark.parametrize("path", ["/plain", "/stubborn"])
def test_kept_parts_are_completed_whatever_the_server_can(wanted, tmp_path, kept, path):
    (tmp_path / "a.bin.part").write_bytes(DATA[:kept])
    assert fetch(at(wanted, path), tmp_path, told=silent).read_bytes() == DATA


def test_another_file_is_refused_and_not_kept(wanted, tmp_path):
    other = replace(wanted, sha256="0" * 64)
    with pytest.raises(
        DataError, match="should have the checksum that is published, got another f"
    ):
        fetch(other, tmp_path, told=silent)
    assert list(tmp_path.iterdir()) == []


def test_a_mirror_is_asked_instead(wanted, server, tmp_path):
    path = fetch(at(wanted, "/missing"), tmp_path, told=silent, mirror=wanted.url)
    assert path.read_bytes() == DATA


def test_a_mirror_without_a_published_checksum_needs_one(wanted, tmp_path):
    unknown = replace(wanted, url="", sha256="")
    for given in ("", "abc", "z" * 64):
        with pytest.raises(
            DataError, match=r"no published checksum, so a mirror needs one .*64 dig"
        ):
            fetch(unknown, tmp_path, told=silent, mirror=wanted.url, sha256=given)
    path = fetch(unknown, tmp_path, told=silent, mirror=wanted.url, sha256=SHA256.upper())
    assert path.read_bytes() == DATA
    with pytest.raises(
        DataError, match="the published checksum .*, got '0+' as --sha256; leave it"
    ):
        fetch(wanted, tmp_path, told=silent, sha256="0" * 64)


def test_only_https_is_asked(wanted, tmp_path):
    for url in (
        "http://example.invalid/a.bin",
        "ftp://example.invalid/a",
        "file:///etc/passwd",
        "a",
    ):
        with pytest.raises(
            DataError, match=r"downloads come by https, got .*; give an address that"
        ):
            fetch(wanted, tmp_path, told=silent, mirror=url)


@pytest.mark.parametrize("path", ["/missing", "/moved"])
def test_an_answer_that_is_no_file_is_told(wanted, tmp_path, path):
    with pytest.raises(
        DataError, match=r"a.bin could not be fetched from .*; nothing came; try late"
    ):
        fetch(at(wanted, path), tmp_path, told=silent)
    assert list(tmp_path.iterdir()) == []


def test_what_has_no_address_or_no_pooch_is_told(wanted, tmp_path, monkeypatch):
    with pytest.raises(MissingDataError, match=r"get it by hand \(the authors' page\)"):
        fetch(replace(wanted, url=""), tmp_path, told=silent)
    monkeypatch.setattr(fetching, "package_is_there", lambda _: False)
    with pytest.raises(MissingDataError, match=r"pooch, .*; run `pip install 'deltanas\[data\]'`"):
        fetch(wanted, tmp_path, told=silent)


def test_known_addresses_are_https_with_a_checksum():
    for download in DOWNLOADS.values():
        assert bool(download.url) == bool(download.sha256)
        assert not download.url or download.url.startswith("https://")
        assert len(download.sha256) in (0, 64)
        assert download.where
