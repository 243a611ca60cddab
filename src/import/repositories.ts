import type { Location } from "../diagnostic/diagnostic.js";
import type { Chosen } from "../kiwi/chosen.js";
import { below, type XmlElement } from "../kiwi/read-xml.js";
import type { Carried, Left } from "./left.js";

/** A repository as a recipe writes it. */
export interface RecipeRepository {
  readonly url: string;
  readonly priority?: number;
  readonly keys?: readonly string[];
  readonly unsigned?: true;
}

export type RecipeRepositories = { readonly [name: string]: RecipeRepository };

/** Where openSUSE's packages for 32-bit ARM are, and the places that are signed by its key, which boardsmith has. */
const OPENSUSE = "http://download.opensuse.org/ports/armv7hl/tumbleweed/repo/oss/";
const SIGNED = /^https?:\/\/download\.opensuse\.org\/(ports|tumbleweed|distribution|factory|update)\//;

/** The repositories that a build uses; `key` is the path of openSUSE's key, as the recipe will name it. */
export function repositories(chosen: Chosen, key: string, at: Location): Carried<RecipeRepositories> {
  const left: Left[] = [];
  const found = new Map<string, RecipeRepository>();
  for (const one of chosen.sections("repository")) {
    const { path, at } = sourceOf(one);
    const leave = (why: string) => left.push({ what: `repository ${path}`, at, why });
    if (one.attributes.imageonly === "true") {
      leave("it is for the finished system only: lay its .repo file over the root filesystem");
      continue;
    }
    const url = webUrl(path);
    if (url === undefined) {
      leave("it is no rpm-md repository of the web");
      continue;
    }
    if (path !== url) leave(`it became ${url}`);
    if ([...found.values()].some((other) => other.url === url)) continue;
    const wish = Number(one.attributes.priority);
    const priority = wish >= 1 && wish <= 200 ? { priority: wish } : {};
    const signed = SIGNED.test(url);
    if (!signed)
      leave("its signers' keys are not in the description, so it is taken unsigned: list them under `keys:`");
    const trust = signed ? { keys: [key] } : { unsigned: true as const };
    found.set(nameFor(one.attributes.alias ?? url, found), { url, ...priority, ...trust });
  }
  if (found.size === 0) {
    found.set("oss", { url: OPENSUSE, keys: [key] });
    left.push({ what: "repositories", at, why: `openSUSE's own stands in: ${OPENSUSE}` });
  }
  return { value: Object.fromEntries(found), left };
}

function sourceOf(repository: XmlElement): { readonly path: string; readonly at: XmlElement["at"] } {
  const [source] = below(repository, "source");
  return { path: source?.attributes.path ?? "", at: source?.at ?? repository.at };
}

/** KIWI's `obs://A:B/repo` is a folder of the build service's mirrors. */
function webUrl(path: string): string | undefined {
  const obs = /^obs:\/\/([^/]+)\/(.+)$/.exec(path);
  if (obs) return `http://download.opensuse.org/repositories/${obs[1]?.replaceAll(":", ":/")}/${obs[2]}/`;
  return /^https?:\/\/[^@]+$/.test(path) ? path : undefined;
}

function nameFor(wish: string, taken: ReadonlyMap<string, unknown>): string {
  const words = wish
    .replace(/^https?:\/\//, "")
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, "-")
    .replace(/^[^a-z0-9]+|-+$/g, "");
  const name = words === "" ? "repository" : words;
  let free = name;
  for (let i = 2; taken.has(free); i += 1) free = `${name}-${i}`;
  return free;
}
