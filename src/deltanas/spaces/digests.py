"""MD5 of very many short messages: all of them take each step of the algorithm together.

`hashlib` needs about a microsecond a message, most of it for making and freeing objects.
From some thousand messages on, array operations are faster. MD5 is used here as a published
benchmark uses it, to name things; it protects nothing.

Source: Rivest, RFC 1321 (1992). Doing many messages at once is ours.
"""

import math
from hashlib import md5
from typing import Final

import numpy as np
from jaxtyping import Int, UInt8, UInt32

DIGITS: Final = 32
"""Hexadecimal digits of an MD5."""
BLOCK: Final = 64
"""Bytes that one turn of the algorithm takes in."""
FEW: Final = 2_000
"""Fewer messages than this go through `hashlib`."""
TOGETHER: Final = 8_192
"""Messages that are worked on at once: their state stays in the processor's cache."""

Texts = UInt8[np.ndarray, "messages digits"]
Buffer = UInt8[np.ndarray, "messages width"]
States = UInt32[np.ndarray, "4 messages"]

_START = np.array([[0x67452301], [0xEFCDAB89], [0x98BADCFE], [0x10325476]], dtype=np.uint32)
_SHIFTS = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))
_READ = ((1, 0), (5, 1), (3, 5), (7, 0))  # stride and start in the 16 words, for each turn
# One-element arrays: numpy takes them in faster than numbers.
_SINES = np.array([[int(2**32 * abs(math.sin(n)))] for n in range(1, 65)], dtype=np.uint32)
_BITS = np.arange(32, dtype=np.uint32)[:, None]
_TWO_DIGITS = np.frombuffer(bytes(range(256)).hex().encode(), dtype=np.uint16)


def room(length: int) -> int:
    """Width of a buffer for messages of at most so many bytes: they and their padding."""
    return BLOCK * ((length + 8) // BLOCK + 1)


def hexadecimal_md5(buffer: Buffer, lengths: Int[np.ndarray, " messages"]) -> Texts:
    """MD5 of each message, as the ASCII codes of its 32 hexadecimal digits.

    Args:
        buffer: One message a row, the longest first, zeros behind each; `room(longest)`
            wide. It is used up.
        lengths: Bytes of each message.
    """
    if len(buffer) < FEW:
        whole, width = buffer.tobytes(), buffer.shape[1]
        ends = enumerate(lengths.tolist())
        digests = [md5(whole[width * row : width * row + end]).digest() for row, end in ends]  # noqa: S324 - names, protects nothing
        found = np.frombuffer(b"".join(digests), dtype=np.uint8)
    else:
        found = _digests(buffer, lengths)
    return np.take(_TWO_DIGITS, found).view(np.uint8).reshape(len(buffer), DIGITS)


def _digests(buffer: Buffer, lengths: Int[np.ndarray, " messages"]) -> UInt8[np.ndarray, " bytes"]:
    """The MD5 of all messages, one behind the other."""
    blocks = (lengths + 8) // BLOCK + 1
    rows = np.arange(len(buffer))
    buffer[rows, lengths] = 0x80
    words = buffer.view("<u4")
    words[rows, 16 * blocks - 2] = 8 * lengths
    found = np.empty((len(buffer), 4), dtype="<u4")
    for start in range(0, len(buffer), TOGETHER):
        some = slice(start, start + TOGETHER)
        found[some] = _states(words[some], blocks[some]).T
    return found.view(np.uint8).ravel()


def _states(
    words: UInt32[np.ndarray, "messages words"], blocks: Int[np.ndarray, " messages"]
) -> States:
    """The state after all blocks of each message; those with more blocks come first."""
    states = np.repeat(_START, len(words), axis=1)
    for done in range(int(blocks[0])):
        going = int(np.count_nonzero(blocks > done))
        block = np.ascontiguousarray(words[:going, 16 * done : 16 * (done + 1)].T)
        states[:, :going] += _stirred(states[:, :going], block)
    return states


def _stirred(states: States, words: UInt32[np.ndarray, "16 messages"]) -> States:
    """The states after the 64 steps that one block brings (RFC 1321, section 3.4)."""
    a, b, c, d = (np.array(state) for state in states)
    mixed, high = np.empty_like(a), np.empty_like(a)
    for step in range(64):
        turn, place = divmod(step, 16)
        _combine(turn, b, c, d, mixed)
        stride, start = _READ[turn]
        mixed += a
        mixed += words[(stride * place + start) % 16]
        mixed += _SINES[step]
        left = _SHIFTS[turn][step % 4]
        np.left_shift(mixed, _BITS[left], high)
        np.right_shift(mixed, _BITS[32 - left], mixed)
        mixed |= high
        mixed += b
        a, b, c, d, mixed = d, mixed, b, c, a
    return np.stack([a, b, c, d])


def _combine(
    turn: int,
    b: UInt32[np.ndarray, " messages"],
    c: UInt32[np.ndarray, " messages"],
    d: UInt32[np.ndarray, " messages"],
    out: UInt32[np.ndarray, " messages"],
) -> None:
    """The function of three words that each of the four turns has."""
    match turn:
        case 0:  # d where b has 0, c where it has 1
            np.bitwise_xor(c, d, out)
            out &= b
            out ^= d
        case 1:  # c where d has 0, b where it has 1
            np.bitwise_xor(b, c, out)
            out &= d
            out ^= c
        case 2:
            np.bitwise_xor(b, c, out)
            out ^= d
        case _:
            np.invert(d, out)
            out |= b
            out ^= c
