import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.js";
import { parseFragment } from "../../src/kconfig/fragment.js";
import { BUILD } from "../../src/steps/tools.js";
import { engineWith } from "../rig/op-run.js";
import { shell } from "../rig/shell.js";

const step = (name: string) => readFileSync(join(import.meta.dirname, "../../src/steps", name), "utf8");
const LIB = step("lib.sh");
const KBUILD = `SOURCE_DATE_EPOCH=0\n${LIB}\n${step("kbuild.sh")}`;
const folder = mkdtempSync(join(tmpdir(), "boardsmith-kernel-"));
let engine: Engine;

beforeAll(async () => {
  engine = await engineWith(BUILD);
});
afterAll(async () => {
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (script: string, inputs: Record<string, string> = {}, env: Record<string, string> = {}) =>
  shell(engine, BUILD, folder, script, inputs, env);
const words = (lines: readonly string[]) => lines.filter((line) => !line.startsWith("@@")).join("\n");
const findings = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith("@@diagnostic ")).map((line) => JSON.parse(line.slice(13)));

describe("the truth check", () => {
  const KCONFIG = `
config MODULES
	bool "Modules"
	modules
config MD
	bool "Multiple devices"
config BLK_DEV_DM
	tristate "Device mapper"
	depends on MD
config DM_RAID
	tristate "RAID target"
	depends on BLK_DEV_DM
	select RAID6
config RAID6
	tristate "RAID 6"
config HIDDEN
	bool
config USER
	bool "User of the hidden"
	select HIDDEN
config EXPERT
	bool "Expert"
config VT
	bool "Terminals" if EXPERT
	default y
config SHIFT
	int "Shift"
	range 12 25
	default 17
config NAME
	string "Name"
config EITHER
	bool "Either"
	depends on MD || EXPERT
config WITHOUT
	bool "Without"
	depends on !SHIFTED
config SHIFTED
	def_bool y
choice
	prompt "Timer"
	default HZ_100
config HZ_100
	bool "100"
config HZ_250
	bool "250"
endchoice
`;
  const check = async (fragment: string, config: string, allowed: readonly string[] | null = []) => {
    const { asks } = parseFragment({ name: "my.config", text: fragment });
    const script = `${LIB}
      mkdir -p /work/src/arch/x86; cd /work/src
      cp /in/Kconfig Kconfig; echo 'config X86_TSC' >arch/x86/Kconfig
      python3 -B /in/check.py /in/asks /in/config`;
    const asked = JSON.stringify({ asks, allowed });
    return run(script, { Kconfig: KCONFIG, config, asks: asked, "check.py": step("kconfig-check.py") });
  };

  it("is content when everything came out as asked, numbers by value", async () => {
    const ended = await check(
      "CONFIG_MD=y\n# CONFIG_VT is not set\nCONFIG_SHIFT=0x11\n",
      "CONFIG_MD=y\nCONFIG_SHIFT=17\n",
    );
    expect(ended).toEqual({ code: 0, lines: ["3 symbols asked for, 3 as asked"] });
  });

  const OFF = "CONFIG_MODULES=y\nCONFIG_VT=y\nCONFIG_SHIFT=17\nCONFIG_SHIFTED=y\nCONFIG_HZ_100=y\n";
  const cases: readonly (readonly [string, string, string, string, string])[] = [
    [
      "an unmet dependency, down to its root",
      "CONFIG_DM_RAID=m",
      OFF,
      "CONFIG_DM_RAID=m was asked for, but it is not set: it needs BLK_DEV_DM=m (is not set, for it needs MD=y (is not set)) (Kconfig:10)",
      "ask for CONFIG_MD=y and CONFIG_BLK_DEV_DM=m too; or list DM_RAID under allow-dropped to do without",
    ],
    [
      "a dependency that is only a module",
      "CONFIG_DM_RAID=y",
      `${OFF}CONFIG_MD=y\nCONFIG_BLK_DEV_DM=m\nCONFIG_DM_RAID=m\nCONFIG_RAID6=m\n`,
      "CONFIG_DM_RAID=y was asked for, but it is m: it needs BLK_DEV_DM=y (is m) (Kconfig:10)",
      "ask for CONFIG_BLK_DEV_DM=y too; or list DM_RAID under allow-dropped to do without",
    ],
    [
      "a symbol that another selects",
      "# CONFIG_RAID6 is not set",
      `${OFF}CONFIG_MD=y\nCONFIG_BLK_DEV_DM=m\nCONFIG_DM_RAID=m\nCONFIG_RAID6=m\n`,
      "CONFIG_RAID6=n was asked for, but it is m: it is selected by CONFIG_DM_RAID=m (Kconfig:14)",
      "switch CONFIG_DM_RAID off first; or list RAID6 under allow-dropped to do without",
    ],
    [
      "a default that only experts may change",
      "# CONFIG_VT is not set",
      OFF,
      "CONFIG_VT=n was asked for, but it is y: it is on by default and can only be switched off by hand when visible: it needs EXPERT=y (is not set) (Kconfig:23)",
      "ask for CONFIG_EXPERT=y too; or list VT under allow-dropped to do without",
    ],
    [
      "a symbol without a prompt",
      "CONFIG_HIDDEN=y",
      OFF,
      "CONFIG_HIDDEN=y was asked for, but it is not set: nobody can switch it on by hand; it follows from USER (Kconfig:16)",
      "ask for one of those instead; or list HIDDEN under allow-dropped to do without",
    ],
    [
      "a choice that another won",
      "CONFIG_HZ_250=y",
      OFF,
      'CONFIG_HZ_250=y was asked for, but it is not set: of the choice "Timer" only one can be y, and CONFIG_HZ_100 is (Kconfig:45)',
      "list HZ_250 under allow-dropped to do without",
    ],
    [
      "a module where there can be none",
      "CONFIG_MD=m",
      OFF,
      "CONFIG_MD=m was asked for, but it is not set: it cannot be a module, only y or n (Kconfig:5)",
      "ask for CONFIG_MD=y; or list MD under allow-dropped to do without",
    ],
    [
      "no modules at all",
      "CONFIG_RAID6=m",
      OFF.replace("CONFIG_MODULES=y\n", ""),
      "CONFIG_RAID6=m was asked for, but it is not set: it needs MODULES=y (is not set) (Kconfig:14)",
      "ask for CONFIG_MODULES=y too; or list RAID6 under allow-dropped to do without",
    ],
    [
      "a number out of range",
      "CONFIG_SHIFT=60",
      OFF,
      "CONFIG_SHIFT=60 was asked for, but it is 17: it must be between 12 and 25 (Kconfig:26)",
      "list SHIFT under allow-dropped to do without",
    ],
    [
      "a switch for a text",
      "CONFIG_NAME=y",
      `${OFF}CONFIG_NAME=""\n`,
      'CONFIG_NAME=y was asked for, but it is "": it is a text (Kconfig:30)',
      'ask for CONFIG_NAME="y"; or list NAME under allow-dropped to do without',
    ],
    [
      "two ways to meet a dependency",
      "CONFIG_EITHER=y",
      OFF,
      "CONFIG_EITHER=y was asked for, but it is not set: it needs (MD=y (is not set) or EXPERT=y (is not set)) (Kconfig:32)",
      "list EITHER under allow-dropped to do without",
    ],
    [
      "something that stands in the way",
      "CONFIG_WITHOUT=y",
      OFF,
      "CONFIG_WITHOUT=y was asked for, but it is not set: it needs SHIFTED off (is y) (Kconfig:35)",
      "ask for CONFIG_SHIFTED=n too; or list WITHOUT under allow-dropped to do without",
    ],
    [
      "a slip of the pen",
      "CONFIG_DM_RIAD=y",
      OFF,
      "CONFIG_DM_RIAD=y was asked for, but there is no such symbol in this source",
      "did you mean CONFIG_DM_RAID? Or list DM_RIAD under allow-dropped to do without",
    ],
    [
      "another architecture's symbol",
      "CONFIG_X86_TSC=y",
      OFF,
      "CONFIG_X86_TSC=y was asked for, but this configuration never reads it: it is defined in arch/x86/Kconfig",
      "list X86_TSC under allow-dropped to do without",
    ],
  ];
  it.each(cases)("names %s", async (_, line, config, message, help) => {
    const { code, lines } = await check(`# mine\n${line}\n`, config);
    const at = { file: "my.config", line: 2, column: 1, length: line.length, text: line };
    const unknown = /no such symbol|never reads/.test(message);
    expect(findings(lines)).toEqual([
      { severity: "error", code: unknown ? "unknown-symbol" : "dropped-symbol", message, at, help },
    ]);
    expect(words(lines)).toBe(`my.config:2: error: ${message}\n    help: ${help}`);
    expect(code).toBe(1);
  });

  it("lets exceptions pass, and warns of needless ones", async () => {
    const { code, lines } = await check("CONFIG_DM_RAID=m\nCONFIG_MD=y\n", "CONFIG_MD=y\n", ["DM_RAID", "MD", "FOO"]);
    expect(code).toBe(0);
    expect(words(lines)).toBe(
      [
        "CONFIG_DM_RAID did not come out as asked, which allow-dropped allows",
        "warning: allow-dropped lists MD, but it came out as asked",
        "    help: take it off the list",
        "warning: allow-dropped lists FOO, but no fragment asks for it",
        "    help: take it off the list",
        "2 symbols asked for, 1 as asked",
      ].join("\n"),
    );
  });

  it("speaks of no exceptions where a recipe can name none", async () => {
    const { lines } = await check("CONFIG_SHIFT=60\n", OFF, null);
    expect(findings(lines)[0].help).toBeUndefined();
  });
});

describe("patches", () => {
  const before = Array.from({ length: 40 }, (_, i) => `line ${i + 1}`);
  const diff = (old: readonly string[], changed: readonly string[], start: number) => [
    `@@ -${start},${old.length} +${start},${changed.length} @@`,
    ...old.slice(0, 3).map((line) => ` ${line}`),
    `-${old[3]}`,
    `+${changed[3]}`,
    ...old.slice(4).map((line) => ` ${line}`),
  ];
  const hunk = (start: number, old = before.slice(start - 1, start + 6)) =>
    diff(old, [...old.slice(0, 3), `${old[3]} changed`, ...old.slice(4)], start);
  const patch = (...hunks: string[][]) => `${["--- a/dir/file", "+++ b/dir/file", ...hunks.flat()].join("\n")}\n`;
  const apply = (text: string) =>
    run(
      `${LIB}\nmkdir -p /work/src/dir; cp /in/file /work/src/dir/file; apply_patch /work/src /in/patch patches/my.patch; cat /work/src/dir/file`,
      {
        file: `${before.join("\n")}\n`,
        patch: text,
      },
    );

  it("apply", async () => {
    const { code, lines } = await apply(patch(hunk(2), hunk(20)));
    expect(code).toBe(0);
    expect(lines.filter((line) => line.endsWith("changed"))).toEqual(["line 5 changed", "line 23 changed"]);
  });

  it("that fail name the hunk, the file, and what was rejected", async () => {
    const other = before.slice(19, 26).map((line) => line.replace("line", "other"));
    const { code, lines } = await apply(patch(hunk(2), hunk(20, other)));
    const message = "patch patches/my.patch: hunk 2 of dir/file (line 20) does not apply";
    const text = "@@ -20,7 +20,7 @@";
    expect(findings(lines)).toEqual([
      {
        severity: "error",
        code: "patch-failed",
        message,
        at: { file: "patches/my.patch", line: 12, column: 1, length: text.length, text },
        help: "make it fit this source, or leave it out",
      },
    ]);
    expect(words(lines)).toContain(
      `${message}\n    --- dir/file\n    +++ dir/file\n    @@ -20,7 +20,7 @@\n     other 20`,
    );
    expect(code).toBe(1);
  });

  it("that would only fit with fuzz are refused, saying so", async () => {
    const near = before.slice(19, 26).map((line, i) => (i === 0 ? "was otherwise" : line));
    const { code, lines } = await apply(patch(hunk(20, near)));
    expect(code).toBe(1);
    expect(findings(lines)[0].help).toBe("it would fit with fuzz: refresh it against this source");
  });

  it("that the source has already are named so", async () => {
    const old = before.slice(1, 8);
    const { code, lines } = await apply(patch(diff([...old.slice(0, 3), "x", ...old.slice(4)], old, 2)));
    expect(code).toBe(1);
    expect(findings(lines)[0]).toMatchObject({
      message: "patch patches/my.patch: hunk 1 of dir/file is already in the source",
      help: "leave it out: this source has it",
    });
  });

  it("for a file that is not there name it", async () => {
    const { code, lines } = await apply(patch(hunk(2)).replaceAll("dir/file", "dir/gone.c"));
    expect(code).toBe(1);
    expect(findings(lines)[0].message).toBe(
      "patch patches/my.patch: hunk 1 of dir/gone.c is for a file that is not there",
    );
  });

  it("that are none say so", async () => {
    const { code, lines } = await apply("hello\n");
    expect(code).toBe(1);
    expect(findings(lines)[0].message).toBe("patch patches/my.patch holds no patch");
  });

  it("of a series are applied in its order, and one that is missing is named", async () => {
    const script = `${LIB}
      mkdir -p /work/src /work/series/sub
      printf 'a\\n' >/work/src/file
      printf -- '--- a/file\\n+++ b/file\\n@@ -1 +1 @@\\n-b\\n+c\\n' >/work/series/a.patch
      printf -- '--- file\\n+++ file\\n@@ -1 +1 @@\\n-a\\n+b\\n' >/work/series/sub/z.patch
      printf '# order matters\\n\\nsub/z.patch -p0 # first\\na.patch\\n' >/work/series/series
      apply_patches /work/src /work/series mine; cat /work/src/file
      echo gone.patch >/work/series/series
      apply_patches /work/src /work/series mine`;
    expect(await run(script)).toEqual({
      code: 1,
      lines: [
        "patches: 2 of mine applied",
        "c",
        "error: patch series mine/series lists gone.patch, which is not there",
      ],
    });
  });
});

describe("sources", () => {
  it("unpack from every packing, with one leading folder dropped and several kept", async () => {
    const script = `${LIB}
      mkdir -p /work/t/x-1.0/sub /work/two/a /work/two/b; echo hi >/work/t/x-1.0/sub/f; echo hi >/work/two/a/f
      for z in gzip xz bzip2 zstd; do
        tar -cf /work/$z.bin --$z -C /work/t x-1.0
        unpack_source /work/$z.bin archive /work/out-$z; cat /work/out-$z/sub/f
      done
      tar -cf /work/two.tar -C /work/two .; unpack_source /work/two.tar archive /work/out-two; ls /work/out-two
      unpack_source /work/two.tar tree /work/out-tree; ls /work/out-tree
      echo no >/work/no; unpack_source /work/no archive /work/out-no`;
    const { code, lines } = await run(script);
    expect(code).toBe(1);
    expect(lines.filter((line) => !line.startsWith("tar: "))).toEqual([
      ...["hi", "hi", "hi", "hi"],
      ...["a", "b", "a", "b"],
      "error: /work/no is not a tar archive (gz, xz, bz2 and zst are known)",
    ]);
  });

  it("of Debian get their components and patches", async () => {
    const script = `${LIB}
      mkdir -p /work/o/x-1 /work/c/extra /work/d/debian/patches /work/p
      echo a >/work/o/x-1/file; echo e >/work/c/extra/e; echo fix.patch >/work/d/debian/patches/series
      printf -- '--- a/file\\n+++ b/file\\n@@ -1 +1 @@\\n-a\\n+b\\n' >/work/d/debian/patches/fix.patch
      tar -cf /work/p/x_1.orig.tar.xz --xz -C /work/o x-1; tar -cf /work/p/x_1.orig-more.tar.gz --gzip -C /work/c extra
      tar -cf /work/p/x_1-2.debian.tar.xz --xz -C /work/d debian; echo sig >/work/p/x_1.orig.tar.xz.asc
      tar -cf /work/x.tar -C /work/p .; unpack_source /work/x.tar debian /work/out
      cat /work/out/file /work/out/more/e; ls /work/out
      tar -cf /work/n.tar -C /work/p x_1.orig.tar.xz.asc; unpack_source /work/n.tar debian /work/none`;
    expect(await run(script)).toEqual({
      code: 1,
      lines: [
        "patches: 1 of debian/patches applied",
        ...["b", "e", "debian", "file", "more"],
        "error: /work/n.tar holds no Debian source package (no .orig.tar.* and no native .tar.*)",
      ],
    });
  });

  it("pack to the same bytes whatever the order and times on disk", async () => {
    const script = `${LIB}
      SOURCE_DATE_EPOCH=1700000000
      make_tree() { mkdir -p $1; for f in $2; do mkdir -p $1/d$f; echo $f >$1/d$f/$f; touch -d "$3" $1/d$f/$f $1/d$f; done; ln -s da/a $1/link; }
      make_tree /work/1 'a b c' '2001-01-01'; make_tree /work/2 'c a b' '2011-01-01'
      chown 12:34 /work/2/da/a
      pack_tar /work/1.tar /work/1; pack_tar /work/2.tar /work/2
      cmp /work/1.tar /work/2.tar; tar -tvf /work/1.tar --utc --full-time | sed 's/ \\+/ /g'`;
    const { code, lines } = await run(script);
    expect(code).toBe(0);
    expect(lines.map((line) => line.split(" ").slice(5).join(" "))).toEqual([
      "da/",
      "da/a",
      "db/",
      "db/b",
      "dc/",
      "dc/c",
      "link -> da/a",
    ]);
    expect(lines.every((line) => line.includes(" 0/0 ") && line.includes("2023-11-14 22:13:20"))).toBe(true);
  });
});

describe("toolchains", () => {
  // The distribution's own cross compiler, packed as crosstool builds are.
  const PACK = `mkdir -p /work/tc/x-tools/bin
    for f in /usr/bin/arm-linux-gnueabihf-*; do n=\${f##*/}; printf '#!/bin/sh\\nexec %s "$@"\\n' "$f" >/work/tc/x-tools/bin/my-\${n#arm-linux-gnueabihf-}; done
    chmod +x /work/tc/x-tools/bin/*
    tar -cf /t/toolchain --gzip -C /work/tc .
    rm -rf /work/tc`;
  const use = (prefix: string, before = PACK) =>
    run(
      `${KBUILD}\n${before}\nmkdir -p /in; ln -sf /t/toolchain /in/toolchain\nuse_toolchain; command -v "$CROSS_COMPILE"gcc`,
      {},
      {
        ARCH: "arm",
        CROSS_COMPILE: prefix,
        TOOLCHAIN_FORMAT: "archive",
      },
    );

  it("from a tarball are found in whatever bin folder they lie", async () => {
    const { code, lines } = await use("my-");
    expect(code).toBe(0);
    expect(lines.at(-1)).toBe("/work/toolchain/bin/my-gcc");
    expect(lines.at(-2)).toMatch(/^compiler: .*gcc/);
  });

  it("without that prefix say which they have", async () => {
    expect(await use("arm-unknown-linux-gnueabi-")).toEqual({
      code: 1,
      lines: [
        "error: the toolchain has no arm-unknown-linux-gnueabi-gcc in any bin folder",
        "error: its prefixes are: my-; write one of them as the recipe's toolchain: prefix",
      ],
    });
  });

  it("for another machine are refused", async () => {
    const native = PACK.replaceAll("/usr/bin/arm-linux-gnueabihf-*", "/usr/bin/gcc").replace(
      "#arm-linux-gnueabihf-",
      "#none",
    );
    const { code, lines } = await use("my-", native);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^error: my-gcc compiles for .*, not for arm$/);
  });

  it("that do not run here are refused with the reason", async () => {
    const broken = `${PACK.replace("tar -cf", "printf '#!/lib/ld-none.so\\n' >/work/tc/x-tools/bin/my-gcc; tar -cf")}`;
    const { code, lines } = await use("my-", broken);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^error: my-gcc does not run here \(.*\):$/);
    expect(lines.at(-1)).toBe("error: take a toolchain that was built for this machine");
  });
});

describe("the kernel's own version", () => {
  it.each(["gzip -n", "xz --check=crc32", "lzma", "bzip2", "zstd -q"])(
    "is read from a zImage packed with %s",
    async (packer) => {
      const script = `(head -c 5000 /dev/zero; printf 'Linux version 6.12.107-slim (a@b) #1'; head -c 50000 /dev/urandom) >/work/Image
      (printf 'decompressor\\037\\213\\010 no stream'; ${packer} -c </work/Image; printf 'dtb behind') >/work/zImage
      python3 -B /in/version.py /work/zImage`;
      expect(await run(script, { "version.py": step("kernel-version.py") })).toEqual({
        code: 0,
        lines: ["6.12.107-slim"],
      });
    },
  );

  it("is missed where there is none", async () => {
    const { code, lines } = await run("head -c 9999 /dev/zero >/work/z; python3 -B /in/version.py /work/z", {
      "version.py": step("kernel-version.py"),
    });
    expect(code).toBe(1);
    expect(lines).toEqual([
      "no version in /work/z: it is no kernel image, or packed in a way not known here (gzip, xz, lzma, bzip2, zstd are)",
    ]);
  });
});
