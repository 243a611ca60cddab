"""Prints what a repomd.xml names, a line "TYPE ALGORITHM CHECKSUM PATH" each."""
import re
import sys
import xml.etree.ElementTree as tree

SPACE = "{http://linux.duke.edu/metadata/repo}"
WORD = re.compile(r"[A-Za-z0-9._+/~^-]+")

for data in tree.parse(sys.argv[1]).getroot().iter(f"{SPACE}data"):
    checksum, location = data.find(f"{SPACE}checksum"), data.find(f"{SPACE}location")
    if checksum is None or location is None:
        continue
    words = [data.get("type"), checksum.get("type"), (checksum.text or "").strip(), location.get("href")]
    # Paths become parts of URLs and commands: nothing that could lead elsewhere.
    if all(word and WORD.fullmatch(word) for word in words) and ".." not in words[3] and not words[3].startswith("/"):
        print(*words)
