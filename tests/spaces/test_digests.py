import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.spaces import digests
from deltanas.spaces.digests import hexadecimal_md5, room

# RFC 1321, appendix A.5.
SUITE = {
    b"": "d41d8cd98f00b204e9800998ecf8427e",
    b"a": "0cc175b9c0f1b6a831c399e269772661",
    b"abc": "900150983cd24fb0d6963f7d28e17f72",
    b"message digest": "f96b697d7cb7938d525a2f31aaf161d0",
    b"abcdefghijklmnopqrstuvwxyz": "c3fcd3d76192e4007dfb496cca67e13b",
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": (
        "d174ab98d277d9f5a5611c2c9f419d9f"
    ),
    b"1234567890" * 8: "57edf4a22be3c955ac49da2e2107b67a",
}


def hashed(messages):
    """MD5 of the messages, which are put in order first as the function wants them."""
    ordered = sorted(messages, key=len, reverse=True)
    buffer = np.zeros((len(ordered), room(len(ordered[0]))), dtype=np.uint8)
    for row, message in zip(buffer, ordered, strict=True):
        row[: len(message)] = np.frombuffer(message, dtype=np.uint8)
    texts = hexadecimal_md5(buffer, np.array([len(message) for message in ordered]))
    found = {m: bytes(text).decode() for m, text in zip(ordered, texts, strict=True)}
    return [found[message] for message in messages]


@pytest.mark.parametrize("few", [0, 1_000], ids=["all together", "one by one"])
def test_the_suite_of_the_standard(monkeypatch, few):
    monkeypatch.setattr(digests, "FEW", few)
    assert hashed(list(SUITE)) == list(SUITE.values())


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=20))
def test_all_together_equals_the_standard_library(messages):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(digests, "FEW", 0)
        patch.setattr(digests, "TOGETHER", 7)
        assert hashed(messages) == [hashlib.md5(each).hexdigest() for each in messages]


def test_every_length_around_the_ends_of_blocks(monkeypatch):
    # 55 bytes leave room for the padding in one block, 56 do not; so do 119 and 120.
    assert [room(length) for length in (0, 55, 56, 119, 120)] == [64, 64, 128, 128, 192]
    monkeypatch.setattr(digests, "FEW", 0)
    messages = [bytes(range(1, length + 1)) for length in range(131)]
    assert hashed(messages) == [hashlib.md5(each).hexdigest() for each in messages]
