import type { ToolImage } from "../../plan/step.js";
import { canonical, type Json, sha256 } from "../../util/canonical.js";

/** A tool image's name in the engine; its tag is its definition's digest, so a changed package list is another image. */
export function toolTag(tool: ToolImage): string {
  return `boardsmith/tool-${tool.name}:${sha256(definition(tool)).slice(0, 16)}`;
}

/** The definition as it is hashed and written on the image. */
export function definition(tool: ToolImage): string {
  return canonical(tool as unknown as Json);
}

/** The base image's name in the engine, wherever it came from. */
export function baseTag(base: ToolImage["base"]): string {
  return `boardsmith/base-${base.distro}-${base.suite}:1`;
}
