import { execFileSync } from "node:child_process";

/** Ids of boardsmith's containers, running or not, that have something below one of the folders mounted: nobody else's. */
export function leftContainers(...folders: readonly string[]): string[] {
  const ids = execFileSync("docker", ["ps", "-aq", "--filter", "label=boardsmith"], { encoding: "utf8" }).split("\n");
  return ids.filter(Boolean).filter((id) => {
    try {
      const format = "{{range .Mounts}}{{.Source}} {{end}}";
      const mounted = execFileSync("docker", ["inspect", "-f", format, id], { encoding: "utf8" });
      return folders.some((folder) => mounted.includes(folder));
    } catch {
      // Gone meanwhile.
      return false;
    }
  });
}
