"""Every Python block of the README and of the documentation runs, in order, page by page."""

import re
import unicodedata
from pathlib import Path

import pytest

from deltanas.errors import MissingDataError

CHECKOUT = Path(__file__).parent.parent
NOT_RUN = "<!-- not run -->"
PAGES = sorted(
    page
    for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").rglob("*.md"))
    if page.exists() and NOT_RUN not in page.read_text(encoding="utf-8")
)
BLOCK = re.compile(r"^([ ]*)```(?:python|py)\b[^\n]*\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def blocks(page):
    """The code of each block, moved down to where it stands so that errors name its line."""
    text = page.read_text(encoding="utf-8")
    for block in BLOCK.finditer(text):
        line = text.count("\n", 0, block.start(2))
        indent = block.group(1)
        code = re.sub(rf"^{indent}", "", block.group(2), flags=re.MULTILINE)
        yield "\n" * line + code


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_the_code_of_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "page"}
    for code in blocks(page):
        try:
            exec(compile(code, page, "exec"), namespace)  # noqa: S102 - our own pages
        except MissingDataError as missing:
            pytest.skip(str(missing))


def test_blocks_are_found_where_they_stand(tmp_path):
    page = tmp_path / "page.md"
    console = "```console\n$ b\n```\n"
    indented = "- item\n    ```python\n    c = 2\n    ```\n"
    page.write_text(f"text\n```python\na = 1\n```\n{console}{indented}")
    assert list(blocks(page)) == ["\n\na = 1\n", "\n" * 9 + "c = 2\n"]


LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
FENCED = re.compile(r"^([ ]*)```.*?^\1```", re.MULTILINE | re.DOTALL)


def anchors(page):
    """What a link may name behind the #: headings as Markdown's table of contents writes them."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for heading in HEADING.findall(text):
        plain = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
        words = re.sub(r"[^\w\s-]", "", plain).strip().lower()
        yield re.sub(r"[-\s]+", "-", words)


def dead_links(page):
    """Links of a page that lead to no file, or to no heading of it."""
    for link in LINK.findall(FENCED.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(CHECKOUT).as_posix())
def test_links_lead_somewhere(page):
    assert list(dead_links(page)) == []


def test_dead_links_are_found(tmp_path):
    other, page = tmp_path / "other.md", tmp_path / "page.md"
    other.write_text("## About 10^18, *more*\n```\n# no heading\n```\n")
    good = "[a](other.md) [b](other.md#about-1018-more) [c](https://no.org/x#y) [d](#here)"
    page.write_text(f"# Here\n{good} [e](none.md) [f](other.md#no-heading) [g](#there)\n")
    assert list(dead_links(page)) == ["none.md", "other.md#no-heading", "#there"]
