// A process of its own that runs one job, to be killed by a test: node engine-child.mjs DIST run|talk|interact|tool TOOL-JSON SCRIPT
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [dist, how, toolText, script] = process.argv.slice(2);
const from = (path) => import(pathToFileURL(join(dist, path)).href);
const { findDocker } = await from("engine/docker/find.js");
const { connectDocker } = await from("engine/docker/connect.js");

const { endpoint, version } = await findDocker(process.env);
const engine = await connectDocker(endpoint, { version });
const tool = JSON.parse(toolText);
const signal = new AbortController().signal;
const job = {
  name: `child-${how}`,
  tool,
  argv: ["sh", "-c", script],
  env: {},
  mounts: [],
  network: "none",
  caps: [],
  signal,
};
const say = (line) => console.log(line);

if (how === "run") process.exitCode = await engine.run({ ...job, onLine: say });
if (how === "interact") process.exitCode = await engine.interact(job);
if (how === "tool") await engine.ensureTool(tool, say, signal);
if (how === "talk") {
  const talk = await engine.talk(job);
  for await (const chunk of talk.output) process.stdout.write(chunk);
  process.exitCode = await talk.exitCode;
}
