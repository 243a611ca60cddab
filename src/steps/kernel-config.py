#!/usr/bin/python3
"""Prints the configuration inside a kernel image (CONFIG_IKCONFIG), or nothing when there is none.

The kernel keeps it gzipped between two marks, IKCFG_ST and IKCFG_ED (Linux, kernel/configs.c); the image around it is
packed once more, in the ways that kernel-version.py knows.
"""

import os
import runpy
import sys
import zlib

STREAMS = runpy.run_path(os.path.join(os.path.dirname(__file__), "kernel-version.py"))["STREAMS"]


def config(data):
    start = data.find(b"IKCFG_ST\x1f\x8b\x08")
    return zlib.decompressobj(31).decompress(data[start + 8 :]) if start >= 0 else None


def main(path):
    with open(path, "rb") as file:
        image = file.read()
    found = config(image)
    for magic, unpack in STREAMS:
        at = image.find(magic)
        while found is None and at >= 0:
            # What only looks like the start of a stream fails in as many ways as there are formats.
            try:
                found = config(unpack(image[at:]))
            except Exception:
                pass
            at = image.find(magic, at + 1)
    sys.stdout.buffer.write(found or b"")


if __name__ == "__main__":
    main(sys.argv[1])
