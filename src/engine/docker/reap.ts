import { ended, ownerOf } from "../../store/owner.js";
import { type Connection, removeContainer } from "./start.js";

/** Removes the containers of boardsmith processes that are gone (their own dead man's switch may be at it already); gives their names. */
export async function reapContainers({ docker }: Pick<Connection, "docker">): Promise<readonly string[]> {
  const ours = await docker.listContainers({ all: true, filters: { label: ["boardsmith=1"] } });
  const leftovers = ours.filter((container) => {
    const owner = ownerOf(container.Labels["boardsmith.owner"] ?? "");
    return owner !== undefined && ended(owner);
  });
  await Promise.all(leftovers.map((container) => removeContainer(docker, container.Id)));
  return leftovers.map((container) => (container.Names[0] ?? container.Id).replace(/^\//, ""));
}
