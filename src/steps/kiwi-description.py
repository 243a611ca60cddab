#!/usr/bin/python3
"""Makes the description that kiwi-ng runs out of the one that was written.

    kiwi-description.py FILE REPOSITORY PACKAGE...

Both of KIWI's package phases become one, bootstrap, which the build root's own zypper does: in the other phase the new root's
zypper would run under emulation, for minutes. It installs PACKAGE..., the locked set, from REPOSITORY, a folder that holds
those and nothing else; their checksums and signatures were looked at when they were fetched. Repositories that are for the
finished system (imageinclude, imageonly) go into it as they stand. FILE is changed in place.
"""

import sys

from lxml import etree

file, repository, *packages = sys.argv[1:]
tree = etree.parse(file)
image = tree.getroot()

for section in list(image.iterfind("packages")):
    if section.get("type") in ("delete", "uninstall"):
        continue
    for kind in ("package", "namedCollection", "product", "ignore"):
        for element in section.findall(kind):
            section.remove(element)
    if not len(section):
        image.remove(section)

for one in list(image.iterfind("repository")):
    if one.get("imageonly") == "true":
        continue
    if one.get("imageinclude") == "true":
        del one.attrib["imageinclude"]
        one.set("imageonly", "true")
    else:
        image.remove(one)

for preferences in image.iterfind("preferences"):
    for element in preferences.findall("rpm-check-signatures"):
        preferences.remove(element)

local = etree.SubElement(image, "repository", type="rpm-md", alias="locked", priority="1")
etree.SubElement(local, "source", path="dir://" + repository)
bootstrap = etree.SubElement(image, "packages", type="bootstrap")
for package in packages:
    etree.SubElement(bootstrap, "package", name=package)
# A system without a section of this type is none to KIWI.
etree.SubElement(image, "packages", type="image")
tree.write(file, encoding="utf-8", xml_declaration=True)
