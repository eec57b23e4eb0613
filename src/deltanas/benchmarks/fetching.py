"""Downloading a benchmark's file: only by https, checked, and continued where it stopped.

pooch verifies the checksum and puts the file in its place only if it is right. It starts a
stopped download anew, which is a pity for half a gigabyte, so what came is kept beside the
place and the rest is asked for.
"""

import logging
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, final
from urllib.parse import urlsplit

from deltanas.benchmarks.sources import package_is_there
from deltanas.benchmarks.whereabouts import Download
from deltanas.errors import DataError, MissingDataError

HERE: Final = ("127.0.0.1", "::1", "localhost")
"""Hosts that are this machine, for which http is as good."""
BLOCK: Final = 2**18
OFTEN_S: Final = 0.2
TIMEOUT_S: Final = 60
HEXADECIMAL: Final = frozenset("0123456789abcdef")
DIGITS: Final = 64
OK, PARTIAL, BEYOND = 200, 206, 416
Progress = Callable[[int, int], None]
"""Told how many bytes came, and of how many; of 0 if that is not known."""


def fetch(
    download: Download, folder: Path, *, told: Progress, mirror: str = "", sha256: str = ""
) -> Path:
    """Download a file, or find that it is there already.

    Args:
        download: Which file.
        folder: Where to.
        told: Called now and then with how much came.
        mirror: Another address of the same file.
        sha256: Its checksum, where the authors publish none.

    Returns:
        The file, whose checksum is right.

    Raises:
        MissingDataError: pooch is not installed, or no address is known.
        DataError: The address is not https, does not answer, or gives another file.
    """
    url, digest = checked_address(download, mirror, sha256)
    if not package_is_there("pooch"):
        raise MissingDataError(
            "downloads need the package pooch, which is not installed; run "
            "`pip install 'deltanas[data]'`"
        )
    import pooch  # noqa: PLC0415  optional, brings requests

    part = folder / f"{download.file}.part"
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        downloader: Any = _Continuing(part, told)
        found = pooch.retrieve(
            url, known_hash=f"sha256:{digest}", fname=download.file, path=folder,
            downloader=downloader,
        )  # fmt: skip
    except DataError:
        raise
    except (OSError, ValueError) as error:  # what requests raises is an OSError
        raise _failed(download, url, part, error) from None
    finally:
        logger.setLevel(level)
    return Path(found)


def checked_address(download: Download, mirror: str, sha256: str) -> tuple[str, str]:
    """Address and checksum to use.

    Raises:
        MissingDataError: No address is known.
        DataError: The address is not https, or the checksum is missing, or not the published one.
    """
    url, digest = mirror or download.url, (download.sha256 or sha256).lower()
    if not url:
        raise MissingDataError(
            f"{download.file} cannot be fetched: no address is known that gives exactly this "
            f"file; get it by hand ({download.where})"
        )
    if not _is_https(url):
        raise DataError(
            f"downloads come by https, got {url[:120]!r} for {download.file}; give an address that "
            f"begins with https://"
        )
    if download.sha256 and sha256 and sha256.lower() != download.sha256:
        raise DataError(
            f"{download.file} should have the published checksum {download.sha256}, got {sha256!r} "
            f"as --sha256; leave it out"
        )
    if len(digest) != DIGITS or set(digest) - HEXADECIMAL:
        raise DataError(
            f"{download.file} has no published checksum, so a mirror needs one to be checked by, "
            f"got {sha256!r}; give its 64 digits as --sha256"
        )
    return url, digest


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)


def _failed(download: Download, url: str, part: Path, error: Exception) -> DataError:
    told = _innermost(error)
    if "does not match the known hash" in told:
        return DataError(
            f"{download.file} should have the checksum that is published, got another file from "
            f"{url} ({told}); it was not kept, try another mirror with --mirror"
        )
    size = part.stat().st_size if part.is_file() else 0
    kept = (
        f"{size / 10**6:.1f} MB came and are kept: the same command goes on from there" if size
        else f"nothing came; try later, give another address with --mirror, or get it by hand "
        f"({download.where})"
    )  # fmt: skip
    return DataError(f"{download.file} could not be fetched from {url} ({told}); {kept}")


def _innermost(error: BaseException) -> str:
    """What went wrong first: requests wraps it many times."""
    for _ in range(20):
        before = error.__cause__ or error.__context__
        if before is None:
            break
        error = before
    return " ".join(str(error).split())[:200]


@final
class _Continuing:
    """A downloader for pooch that keeps what came, and asks for the rest."""

    def __init__(self, part: Path, told: Progress) -> None:
        self._part = part
        self._told = told

    def __call__(self, url: str, output_file: str, _: object) -> None:
        import requests  # noqa: PLC0415  optional, comes with pooch

        have = self._part.stat().st_size if self._part.is_file() else 0
        # A compressed answer would be another length than the file.
        headers = {"Accept-Encoding": "identity"}
        headers |= {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, stream=True, timeout=TIMEOUT_S, headers=headers) as answer:
            if not _is_https(answer.url):
                raise DataError(
                    f"downloads come by https, but {url} leads to {answer.url[:120]}; give another "
                    f"address with --mirror"
                )
            if not (have and answer.status_code == BEYOND):
                answer.raise_for_status()
                self._receive(answer, have if answer.status_code == PARTIAL else 0)
        shutil.move(self._part, output_file)

    def _receive(self, answer: Any, have: int) -> None:  # noqa: ANN401  requests has no types here
        """Write what comes behind the first `have` bytes."""
        length = answer.headers.get("Content-Length")
        total = have + int(length) if length else 0
        self._told(have, total)
        shown = time.monotonic()
        with self._part.open("ab" if have else "wb") as file:
            for block in answer.iter_content(BLOCK):
                file.write(block)
                have += len(block)
                if time.monotonic() - shown > OFTEN_S:
                    self._told(have, total)
                    shown = time.monotonic()
        self._told(have, total)
        if have < total:
            raise OSError(f"the connection ended after {have} of {total} bytes")
