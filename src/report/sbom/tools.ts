import type { UsedTool } from "../build-facts.js";
import { purl } from "../purl.js";
import type { Component } from "./component.js";

/** What a build was made with: boardsmith, and its tool images with the packages that each was asked for. */
export function toolComponents(version: string, tools: readonly UsedTool[]): readonly Component[] {
  return [
    { type: "application", name: "boardsmith", version },
    ...tools.map((tool): Component => {
      const versions = tool.versions.at(-1)?.packages ?? {};
      return {
        type: "container",
        name: `boardsmith/${tool.name}`,
        version: tool.id.slice(0, 12),
        description: `${tool.base.distro} ${tool.base.suite} with ${tool.packages.length} packages and what they need`,
        components: tool.packages.map((name): Component => {
          const own = versions[name];
          if (own === undefined) return { type: "application", name };
          const url = purl("deb", [tool.base.distro, name], own, { distro: tool.base.suite });
          return { type: "application", name, version: own, purl: url };
        }),
      };
    }),
  ];
}
