"""Codes as texts, for spaces in which every code is a network of its own."""

import numpy as np

from deltanas.spaces.architecture import ABSENT, Codes

DIGITS = 10
"""Options up to which a position is one digit."""


def digit_keys(codes: Codes, between: str = "") -> list[str]:
    """Each code as digits, a dot for what is absent; positions are below `DIGITS`.

    All texts are made as one array of bytes: thousands of children are asked for at each
    proposal.

    Args:
        codes: At least one decision.
        between: What separates decisions: nothing, or one ASCII character.
    """
    step = 1 + len(between)
    width = step * codes.shape[1]
    shown = np.full((len(codes), width), ord(between or "."), dtype=np.uint8)
    shown[:, ::step] = np.where(codes == ABSENT, ord("."), codes + ord("0"))
    text = shown.tobytes().decode("ascii")
    end = width - len(between)
    return [text[start : start + end] for start in range(0, len(text), width)]
