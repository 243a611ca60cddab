#!/usr/bin/python3
"""Prints the cpio archive in an .rpm.

    lead, 96 bytes | signature header, padded to 8 bytes | header | payload, compressed
    a header: 8e ad e8 01 | 4 bytes reserved | entries u32 | bytes of data u32 | entries of 16 bytes each | data

Source: rpm's own documentation of the V4 package format. No checksum is looked at here: the recipe has one of the file.
"""

import bz2
import lzma
import struct
import subprocess
import sys
import zlib

MAGIC = b"\x8e\xad\xe8\x01"


def end_of_header(data, start):
    if data[start : start + 4] != MAGIC:
        sys.exit("error: the .rpm is damaged: no header at byte %d" % start)
    entries, size = struct.unpack(">II", data[start + 8 : start + 16])
    return start + 16 + 16 * entries + size


def unpacked(data):
    if data[:2] == b"\x1f\x8b":
        return zlib.decompress(data, 31)
    if data[:6] == b"\xfd7zXZ\x00" or data[:3] == b"\x5d\x00\x00":
        return lzma.decompress(data)
    if data[:3] == b"BZh":
        return bz2.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, check=True).stdout
    return data


def main(path):
    with open(path, "rb") as file:
        data = file.read()
    signature = end_of_header(data, 96)
    sys.stdout.buffer.write(unpacked(data[end_of_header(data, (signature + 7) // 8 * 8) :]))


if __name__ == "__main__":
    main(sys.argv[1])
