import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deltanas.benchmarks.importers import tfrecord
from deltanas.benchmarks.importers.tfrecord import masked_checksums, read_records
from deltanas.errors import DataError
from tests.benchmarks.importers.records import crc32c, masked, record


def unmasked(value):
    rotated = (value - 0xA282EAD8) & 0xFFFFFFFF
    return (rotated << 15 | rotated >> 17) & 0xFFFFFFFF


def test_checksums_are_the_published_ones():
    # RFC 3720, B.4: 32 bytes of zeros, of ones; and the check value of every catalogue of CRCs.
    texts = [bytes(32), b"\xff" * 32, b"123456789"]
    expected = [0x8A9136AA, 0x62A8AB43, 0xE3069283]
    assert [crc32c(text) for text in texts] == expected
    assert [unmasked(value) for value in masked_checksums(texts).tolist()] == expected


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=9))
def test_checksums_of_many_texts_at_once_are_those_of_each(texts):
    assert masked_checksums(texts).tolist() == [masked(text) for text in texts]


@given(st.lists(st.binary(max_size=40), max_size=9), st.integers(1, 4))
def test_what_was_written_is_read(tmp_path_factory, texts, chunk):
    path = tmp_path_factory.mktemp("records") / "a.tfrecord"
    path.write_bytes(b"".join(map(record, texts)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tfrecord, "CHUNK", chunk)
        assert list(read_records(path, remedy="")) == texts


@given(st.data())
def test_every_truncation_and_every_flipped_bit_is_found(tmp_path_factory, data):
    texts = [b"first record", b"", b"third"]
    whole = b"".join(map(record, texts))
    path = tmp_path_factory.mktemp("broken") / "a.tfrecord"
    ends = {len(b"".join(map(record, texts[:n]))) for n in range(4)}
    length = data.draw(st.integers(0, len(whole)).filter(lambda each: each not in ends))
    path.write_bytes(whole[:length])
    with pytest.raises(DataError, match=r"is truncated or altered: record \d should have"):
        list(read_records(path, remedy="get it anew"))
    place = data.draw(st.integers(0, 8 * len(whole) - 1))
    altered = bytearray(whole)
    altered[place // 8] ^= 1 << place % 8
    path.write_bytes(altered)
    with pytest.raises(DataError, match="record [0-3].*; get it anew"):
        list(read_records(path, remedy="get it anew"))


def test_the_message_names_the_record(tmp_path):
    path = tmp_path / "a.tfrecord"
    bad = bytearray(record(b"second"))
    bad[14] ^= 1
    path.write_bytes(record(b"first") + bytes(bad))
    with pytest.raises(DataError, match="a wrong one for the data of record 1: it was altered"):
        list(read_records(path, remedy="x"))
    path.write_bytes(record(b"first") + struct.pack("<Q", 2**40) + bytes(4))
    with pytest.raises(DataError, match="got a length of 1099511627776 bytes for record 1; x"):
        list(read_records(path, remedy="x"))
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\); x"):
        list(read_records(tmp_path, remedy="x"))


def test_the_table_is_that_of_the_polynomial():
    assert tfrecord.TABLE.dtype == np.uint32
    assert [int(tfrecord.TABLE[byte]) for byte in (0, 1, 128)] == [0, 0xF26B8303, 0x82F63B78]
