"""Writing TensorFlow's records and NAS-Bench-101's messages, byte by byte as documented.

Nothing of deltanas is used, so that reading is tested against something else.
"""

import base64
import json
import struct


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


def masked(data):
    value = crc32c(data)
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def varint(number):
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def double(field, value):
    return bytes([field << 3 | 1]) + struct.pack("<d", value)


def evaluation(epoch, seconds, train, validation, test):
    values = (epoch, seconds, train, validation, test)
    body = b"".join(double(field, value) for field, value in enumerate(values, 1))
    body += b"\x32\x04path"  # field 6, a text
    return b"\x0a" + varint(len(body)) + body


def metrics(parameters, seconds, train, validation, test):
    return (
        evaluation(0.0, 0.0, 0.1, 0.1, 0.1)
        + evaluation(54.0, seconds / 2, train / 2, validation / 2, test / 2)
        + evaluation(108.0, seconds, train, validation, test)
        + b"\x10" + varint(parameters)
        + double(3, 1.5 * seconds)
    )  # fmt: skip


def training(key, matrix, operations, numbers, *, epochs=108):
    """A record of one training, as the authors' file has it."""
    adjacency = "".join(str(int(bit)) for row in matrix for bit in row)
    message = base64.b64encode(metrics(*numbers)).decode()
    return record(json.dumps([key, epochs, adjacency, ",".join(operations), message]).encode())
