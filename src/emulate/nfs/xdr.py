"""XDR, the encoding of all that follows (RFC 4506): big-endian words, opaques filled up to whole words."""

import struct


class Fields:
    """Reads one value after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def word(self):
        self.at += 4
        return int.from_bytes(self.data[self.at - 4 : self.at], "big")

    def long(self):
        return self.word() << 32 | self.word()

    def opaque(self):
        length = self.word()
        found = bytes(self.data[self.at : self.at + length])
        self.at += (length + 3) & ~3
        return found

    def fixed(self, length):
        self.at += length
        return bytes(self.data[self.at - length : self.at])


def words(*values):
    return struct.pack(">%dI" % len(values), *values)


def long(value):
    return struct.pack(">Q", value)


def opaque(data):
    return words(len(data)) + data + bytes(-len(data) % 4)
