import { describe, expect, it } from "vitest";
import { licencesOf } from "../../../src/rootfs/inventory/copyright.js";
import { inventoryOf } from "../../../src/rootfs/inventory/inventory.js";
import { treeOf } from "./rig.js";

const FORMAT = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";

describe("licences of a machine-readable copyright file", () => {
  const one = (licence: string) => licencesOf(`${FORMAT}\nFiles: *\nCopyright: me\nLicense: ${licence}\n text\n`);

  it.each([
    ["GPL-2", { id: "GPL-2.0-only" }],
    ["GPL-2.0", { id: "GPL-2.0-only" }],
    ["GPL-3+", { id: "GPL-3.0-or-later" }],
    ["LGPL-2.1+", { id: "LGPL-2.1-or-later" }],
    ["AGPL-3+", { id: "AGPL-3.0-or-later" }],
    ["GFDL-1.3", { id: "GFDL-1.3-only" }],
    ["Expat", { id: "MIT" }],
    ["BSD-3-clause", { id: "BSD-3-Clause" }],
    ["Apache-2.0", { id: "Apache-2.0" }],
    ["GPL-9", { name: "GPL-9" }],
    ["public-domain", { name: "public-domain" }],
    ["GPL-2+ with OpenSSL exception", { name: "GPL-2+ with OpenSSL exception" }],
  ])("%s", (said, licence) => {
    expect(one(said)).toEqual([licence]);
  });

  it("are those of files, each once, sorted; texts alone are none, and prose says nothing", () => {
    const stanzas = [
      "Files: *\nLicense: Zlib",
      "Files: b c\n d\nLicense: GPL-2+",
      "License: Expat\n text",
      "Files: e\nLicense: Zlib",
    ];
    expect(licencesOf(`${FORMAT}License: ISC\n\n${stanzas.join("\n\n")}\n`)).toEqual([
      { id: "GPL-2.0-or-later" },
      { id: "ISC" },
      { id: "Zlib" },
    ]);
    expect(licencesOf("This is free software.\nLicense: GPL-2\n")).toEqual([]);
  });
});

it("a Debian rootfs: what is installed, with its source package and the release's name", () => {
  const tree = treeOf({
    "usr/lib/os-release": 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n',
    "etc/os-release": { link: "../usr/lib/os-release" },
    "var/lib/dpkg/status": [
      "Package: zlib1g\nStatus: install ok installed\nSource: zlib (1:1.3)\nArchitecture: armhf\nVersion: 1:1.3+b1",
      "Package: gone\nStatus: deinstall ok config-files\nArchitecture: armhf\nVersion: 1",
      "Package: bash\nStatus: install ok installed\nArchitecture: armhf\nVersion: 5.2\nDescription: shell\n Version: 9",
    ].join("\n\n"),
    "usr/share/doc/zlib1g/copyright": `${FORMAT}\nFiles: *\nLicense: Zlib\n`,
    "usr/share/doc/bash": { link: "zlib1g" },
  });
  expect(inventoryOf(tree)).toEqual({
    os: { id: "debian", name: "Debian GNU/Linux", version: "13", codename: "trixie" },
    packages: [
      { kind: "deb", name: "bash", version: "5.2", arch: "armhf", licences: [{ id: "Zlib" }] },
      { kind: "deb", name: "zlib1g", version: "1:1.3+b1", arch: "armhf", source: "zlib", licences: [{ id: "Zlib" }] },
    ],
  });
});

it("a rootfs without a database or a name has neither", () => {
  expect(inventoryOf(treeOf({ "bin/busybox": "ELF" }))).toEqual({ packages: [] });
});
