import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Entry, entries } from "../../../src/rootfs/entries.js";
import { bytesOf as nameBytes, nameOf } from "../../../src/rootfs/names.js";
import { encodeRecords, parseRecords } from "../../../src/rootfs/pax.js";
import { Tree } from "../../../src/rootfs/tree.js";
import { bytesOf, contentOf, EPOCH, type Member, members, memory, tarOf } from "./rig.js";

const CAPABILITY = "SCHILY.xattr.security.capability";
/** cap_net_raw=ep as the kernel stores it: NULs, and bytes that are no UTF-8. */
const NET_RAW = Buffer.from("0100000200200000000000000000000000000000", "hex");
const ODD = Buffer.from("00ff0a3d80c3280a", "hex");

const part = fc.stringMatching(/^[a-zA-Zäß_.-]{1,60}$/).filter((name) => name !== "." && name !== "..");
const path = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join("/"));
const member: fc.Arbitrary<Member> = fc.record(
  {
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.oneof(fc.integer({ min: 0, max: 70_000 }), fc.constant(0o7777777 + 1)),
    gid: fc.integer({ min: 0, max: 70_000 }),
    mtime: fc.integer({ min: 0, max: 2 ** 33 - 1 }),
    content: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
    records: fc.uint8Array({ maxLength: 120 }).map((bytes) => new Map([[CAPABILITY, Buffer.from(bytes)]])),
  },
  { requiredKeys: ["content"] },
);
/** Files of which none is a folder of another, each behind the folders it lies in. */
const tars = fc.dictionary(path, member, { maxKeys: 12, noNullPrototype: true }).map((all) => {
  const names = Object.keys(all);
  const files = Object.entries(all).filter(([name]) => !names.some((one) => one.startsWith(`${name}/`)));
  return Object.fromEntries(files.flatMap(([name, one]) => [...foldersOf(name), [name, one] as const]));
});

function foldersOf(name: string): (readonly [string, Member])[] {
  const parts = name.split("/").slice(0, -1);
  return parts.map((_part, index) => [`${parts.slice(0, index + 1).join("/")}/`, {}] as const);
}

describe("a tar that nobody edits", () => {
  it("comes out byte for byte", () => {
    fc.assert(
      fc.property(tars, (all) => {
        const tar = tarOf({ "/": {}, ...all });
        expect(bytesOf(Tree.of(memory(tar), EPOCH)).equals(tar)).toBe(true);
      }),
    );
  });

  describe("made by GNU tar", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "rootfs-tar-"));
      const deep = join(folder, "a".repeat(90), "b".repeat(90), "c".repeat(90));
      mkdirSync(deep, { recursive: true });
      writeFileSync(join(deep, "long"), "far below\n");
      // The header's hundred characters end with this folder's slash.
      mkdirSync(join(folder, "e".repeat(97)));
      writeFileSync(join(folder, "e".repeat(97), "file"), "no folder\n");
      writeFileSync(join(folder, "one"), "x".repeat(700));
      linkSync(join(folder, "one"), join(folder, "two"));
      symlinkSync("d".repeat(150), join(folder, "far"));
      symlinkSync("one", join(folder, "near"));
      writeFileSync(join(folder, "grün"), "");
      execFileSync("mkfifo", [join(folder, "pipe")]);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it.each(["gnu", "posix", "oldgnu"])("in the format %s", (format) => {
      const tar = execFileSync("tar", ["-cf", "-", `--format=${format}`, "--sort=name", "-C", folder, "."]);
      const tree = Tree.of(memory(tar), EPOCH);
      expect(bytesOf(tree).equals(tar)).toBe(true);
      expect([...tree.nodes()].find((node) => node.path.endsWith("/long"))?.path).toBe(
        `${"a".repeat(90)}/${"b".repeat(90)}/${"c".repeat(90)}/long`,
      );
      expect(tree.text(`${"e".repeat(97)}/file`)).toBe("no folder\n");
      expect(tree.get("far", "keep")?.link).toBe("d".repeat(150));
      expect(tree.text("two")).toBe("x".repeat(700));
    });

    it("without ./ in front is the same tree, with ./ in front", () => {
      const tar = execFileSync("tar", ["-cf", "-", "-C", folder, "one", "two", "near"]);
      const again = members(bytesOf(Tree.of(memory(tar), EPOCH)));
      expect([...again.keys()]).toEqual(["one", "two", "near"]);
      expect(again.get("two")).toMatchObject({ type: "hardlink", link: "one" });
      const listed = execFileSync("tar", ["-tf", "-"], {
        input: bytesOf(Tree.of(memory(tar), EPOCH)),
        encoding: "utf8",
      });
      expect(listed).toBe("./one\n./two\n./near\n");
    });
  });
});

describe("an edit", () => {
  it("touches its own file and no other block", () => {
    fc.assert(
      fc.property(tars, path, fc.string(), (all, name, text) => {
        const inTheWay = Object.keys(all).some(
          (one) => one.startsWith(`${name}/`) || (!one.endsWith("/") && name.startsWith(`${one}/`)),
        );
        fc.pre(!inTheWay && !(name in all));
        const tree = Tree.of(memory(tarOf({ "/": {}, ...all })), EPOCH);
        tree.write(name, text);
        const out = members(bytesOf(tree));
        expect(contentOf(out.get(name))).toBe(Buffer.from(text).toString());
        const before = members(tarOf({ "/": {}, ...all }));
        for (const one of Object.keys(all)) {
          const path = one.replace(/\/$/, "");
          expect(blocks(out.get(path))).toBe(blocks(before.get(path)));
        }
      }),
    );
  });

  it("of a binary capability's neighbour leaves the capability's bytes alone", () => {
    const tar = tarOf({
      "usr/bin/ping": { mode: 0o755, content: "ELF", records: new Map([[CAPABILITY, NET_RAW]]) },
      "etc/motd": "old\n",
    });
    const tree = Tree.of(memory(tar), EPOCH);
    tree.write("etc/motd", "new\n");
    const out = bytesOf(tree);
    expect(out.includes(tar.subarray(0, 4 * 512))).toBe(true);
    expect(members(out).get("usr/bin/ping")?.records?.get(CAPABILITY)).toEqual(NET_RAW);
  });

  it("that moves a file keeps its capability, and rewriting it drops it as the kernel does", () => {
    const tar = tarOf({
      "usr/lib/": {},
      lib: { link: "usr/lib" },
    });
    const more = tarOf({ "lib/helper": { content: "ELF", records: new Map([[CAPABILITY, ODD]]) } });
    const tree = Tree.of(memory(tar), EPOCH);
    for (const entry of entries(memory(more))) tree.place(entry.path, entry);
    expect(members(bytesOf(tree)).get("usr/lib/helper")?.records?.get(CAPABILITY)).toEqual(ODD);
    tree.write("lib/helper", "other");
    expect(members(bytesOf(tree)).get("usr/lib/helper")?.records).toBeUndefined();
  });
});

describe("what is no sound tar is told with its place", () => {
  const whole = tarOf({ "etc/motd": "x".repeat(600), "etc/other": "y" });
  it.each([
    ["something else", Buffer.from("hello, this is a text\n".repeat(60)), "this is no tar"],
    ["an end in the middle", whole.subarray(0, 512 + 300), "the tar ends in the middle of ./etc/motd, at byte 812"],
    [
      "an end without any trailer's first half",
      whole.subarray(0, 512 + 1024 + 100),
      "the tar ends in the middle of an entry, at byte 1636",
    ],
    ["a flipped bit", flipped(whole, 512 + 1024 + 3), "a header's checksum is wrong, at byte 1536"],
    ["a way out", tarOf({ "../../etc/passwd": "x" }), "the name ../../etc/passwd leads out of the tar, at byte 0"],
    ["a kind nobody knows", tarOf({ odd: { flag: "V" } }), 'an entry of the unknown type "V", at byte 0'],
  ])("%s", (_what, tar, message) => {
    expect(() => Tree.of(memory(tar), EPOCH)).toThrow(new Error(message));
  });

  it("but the blocks of zeroes at its end may be missing", () => {
    expect([...Tree.of(memory(whole.subarray(0, 512 * 5)), EPOCH).nodes()].map((node) => node.path)).toEqual([
      "etc",
      "etc/motd",
      "etc/other",
    ]);
  });
});

it("records and names are bytes, whatever they hold", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[A-Za-z.]{1,30}$/), fc.uint8Array({ maxLength: 300 })), (all) => {
      const records = new Map(Object.entries(all).map(([key, value]) => [key, Buffer.from(value)]));
      expect(parseRecords(encodeRecords(records))).toEqual(records);
    }),
  );
  fc.assert(fc.property(fc.uint8Array(), (bytes) => nameBytes(nameOf(bytes)).equals(Buffer.from(bytes))));
});

/** All blocks of a member, as hex. */
function blocks(entry: Entry | undefined): string | undefined {
  const raw = entry?.raw;
  return raw?.bytes.read(raw.offset, raw.length).toString("hex");
}

function flipped(tar: Buffer, at: number): Buffer {
  const copy = Buffer.from(tar);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
