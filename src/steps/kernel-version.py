#!/usr/bin/python3
"""Prints the version a kernel image calls itself: the word behind "Linux version " in its (compressed) payload.

A zImage is a small decompressor with the kernel behind it as a stream (arch/arm/boot/compressed): the stream is found by
its magic number and unpacked as far as it goes; what follows it is not looked at.
"""

import bz2
import lzma
import re
import subprocess
import sys
import zlib


def zstd(data):
    return subprocess.run(["zstd", "-dcq"], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


STREAMS = [
    (b"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data)),
    (b"\xfd7zXZ\x00", lambda data: lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)),
    (b"\x5d\x00\x00", lambda data: lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(data)),
    (b"BZh", lambda data: bz2.BZ2Decompressor().decompress(data)),
    (b"\x28\xb5\x2f\xfd", zstd),
]


def version(data):
    found = re.search(rb"Linux version (\S+) ", data)
    return found[1].decode() if found else None


def main(path):
    with open(path, "rb") as file:
        image = file.read()
    if version(image):
        return version(image)
    for magic, unpack in STREAMS:
        at = image.find(magic)
        while at >= 0:
            try:
                found = version(unpack(image[at:]))
                if found:
                    return found
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
                pass
            at = image.find(magic, at + 1)
    sys.exit("no version in %s: it is no kernel image, or packed in a way not known here (gzip, xz, lzma, bzip2, zstd are)" % path)


if __name__ == "__main__":
    print(main(sys.argv[1]))
