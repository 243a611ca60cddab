import type { Tree } from "./tree.js";

/** Names the system: /etc/hostname, and /etc/hosts so that the name resolves without a network. */
export function hostname(tree: Tree, name: string): void {
  tree.remove("etc/hostname");
  tree.write("etc/hostname", `${name}\n`);
  const old = tree.text("etc/hosts") ?? "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n";
  const [short = name] = name.split(".");
  const own = `127.0.1.1\t${short === name ? name : `${name} ${short}`}`;
  const lines = old.split("\n").filter((line) => line !== "" && !/^127\.0\.1\.1\s/.test(line));
  const after = lines.findLastIndex((line) => /^127\./.test(line)) + 1;
  tree.write("etc/hosts", `${[...lines.slice(0, after), own, ...lines.slice(after)].join("\n")}\n`);
}
