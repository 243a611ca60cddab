import { CONTRACT_JOBS, engineContract } from "../../rig/engine-contract.js";
import { fakeEngine } from "../../rig/fake-engine.js";

engineContract("fake", async () =>
  fakeEngine(Object.fromEntries(Object.entries(CONTRACT_JOBS).map(([name, { body }]) => [name, body]))),
);
