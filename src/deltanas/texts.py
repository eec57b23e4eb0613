"""Texts from outside, made harmless: for a terminal, a page, Markdown and a spreadsheet.

Names, options and reasons come from users, tables and stores. Whatever shows them asks here
first, so that none of them steers what it is shown in.
"""

import re
from typing import Final

# Sequences that steer a terminal, then every other control character and what breaks lines or is
# half a letter, then what turns the direction of writing around.
_STEERING: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x1f\x7f-\x9f]"
    r"|[\u2028\u2029\ud800-\udfff]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)
_MARKUP: Final = re.compile(r"[\\`*<>|\[\]]")
_FORMULA: Final = ("=", "+", "-", "@")
"""What a formula in a spreadsheet begins with."""


def harmless(text: object) -> str:
    """A value without anything that steers a terminal or a reader; blanks stay as they are."""
    return _STEERING.sub(" ", str(text))


def one_line(text: object) -> str:
    """A harmless value on one line, with single blanks."""
    return " ".join(harmless(text).split())


def markdown(text: object) -> str:
    """A value as plain text of a Markdown page or table: no markup, no HTML, no new cell."""
    return _MARKUP.sub(r"\\\g<0>", one_line(text))


def as_code(text: object) -> str:
    """A value as code within a line of Markdown, whatever backticks it holds."""
    shown = one_line(text)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence = "`" * (longest + 1)
    gap = " " if longest else ""
    return f"{fence}{gap}{shown}{gap}{fence}"


def inert(text: object) -> str:
    """A value as a cell that no spreadsheet takes for a formula."""
    shown = one_line(text)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
