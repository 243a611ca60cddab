import { readFileSync } from "node:fs";
import { openDrive } from "../../src/flash/drives/open-drive.js";
import { flashCards } from "../../src/flash/flash-cards.js";
import { mapOf, plainMap } from "../../src/flash/image-map.js";
import { openSource } from "../../src/flash/source/open-source.js";

/** One flash in a process of its own: `flash-one.js IMAGE UPDATE DRIVE…` prints seconds, CPU seconds and peak memory. */
const [image = "", update, ...paths] = process.argv.slice(2);
const signal = new AbortController().signal;
const began = process.hrtime.bigint();
const source = await openSource(image, { stdin: process.stdin, signal, scratch: "/tmp", log: console.error });
const map = source.bmap ? mapOf(source.bmap.text, source.bmap.from, source.size) : plainMap(source.size);
const capacity = Number(process.env["CAPACITY"]);
const drives = await Promise.all(
  paths.map((path) => openDrive({ path, name: path, identity: path, capacity, block: 512, discards: false })),
);
const results = await flashCards(source, map, drives, { update: update === "update", signal });
await Promise.all(drives.map((drive) => drive[Symbol.asyncDispose]()));
const seconds = Number(process.hrtime.bigint() - began) / 1e9;
const { user, system } = process.cpuUsage();
const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
console.log(
  JSON.stringify({
    seconds,
    cpu: (user + system) / 1e6,
    rss: Number(peak) * 1024,
    verdicts: results.map(({ verdict }) => verdict),
  }),
);
