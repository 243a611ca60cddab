// Writes a card from a process of its own that kills itself with its n-th write under way:
// node flash-child.mjs DIST IMAGE BMAP LOOP JOURNALS N
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [dist, image, bmap, loop, journals, count] = process.argv.slice(2);
const from = (path) => import(pathToFileURL(join(dist, "flash", path)).href);
const { flashCards } = await from("flash-cards.js");
const { mapOf } = await from("image-map.js");
const { journalIn } = await from("journal.js");
const { openDrive } = await from("drives/open-drive.js");
const { openSource } = await from("source/open-source.js");

const signal = new AbortController().signal;
const source = await openSource(image, { stdin: process.stdin, signal, scratch: journals, log: console.error });
const place = { path: loop, name: "card", identity: "card", capacity: 12 * 1024 ** 2, block: 512, discards: false };
const drive = await openDrive(place);
let left = Number(count);
const doomed = {
  ...drive,
  write: (bytes, offset) => {
    const writing = drive.write(bytes, offset);
    if (--left === 0) process.kill(process.pid, "SIGKILL");
    return writing;
  },
};
const map = mapOf(readFileSync(bmap, "utf8"), bmap, statSync(image).size);
const options = { update: false, signal, journal: () => journalIn(journals, "card", "toy"), journalEvery: 0 };
const [result] = await flashCards(source, map, [doomed], options);
console.log(JSON.stringify(result));
