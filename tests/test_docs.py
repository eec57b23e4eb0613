"""Every Python block of the README and of the documentation runs, in order, page by page."""

import re
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
