import type { Board } from "../board/board.js";
import { find, type Placed } from "../diagnostic/placed.js";
import { sha256 } from "../util/canonical.js";
import { parseSize } from "../util/size.js";
import type { GuestFile, GuestSpec } from "./guest.js";
import type { Locals } from "./local.js";
import type { Recipe } from "./schema/recipe.js";

/** Xen's own block of hardware addresses. */
const XEN_OUI = "00:16:3e";

/** The guests of a checked recipe, sorted by name. */
export function resolveGuests(from: {
  readonly name: string;
  readonly recipe: Recipe;
  readonly root: Placed;
  readonly board: Board;
  readonly locals: Locals;
}): readonly GuestSpec[] {
  const file = (guest: string, key: "kernel" | "ramdisk", said: string): GuestFile => {
    if (said === "dom0" || said === "domU") return { kind: "role", role: said };
    if (said === "minimal") {
      return { kind: "minimal", role: from.recipe.guests[guest]?.kernel === "domU" ? "domU" : "dom0" };
    }
    if (said.startsWith("/")) return { kind: "dom0", path: said };
    const [local] = from.locals.of(find(from.root, "guests", guest, key));
    if (local === undefined) throw new Error("a guest's file was resolved that was never found");
    return { kind: "local", local };
  };
  const derived = (what: string) => sha256(`boardsmith\0${from.name}\0${from.board.name}\0guest ${what}`);
  const guests = Object.entries(from.recipe.guests).map(([name, said]): GuestSpec => {
    const id = derived(name);
    const { ramdisk } = said;
    return {
      name,
      uuid: [id.slice(0, 8), id.slice(8, 12), `5${id.slice(13, 16)}`, `8${id.slice(17, 20)}`, id.slice(20, 32)].join(
        "-",
      ),
      kernel: file(name, "kernel", said.kernel),
      ...(ramdisk === undefined ? {} : { ramdisk: file(name, "ramdisk", ramdisk) }),
      arguments: said.arguments,
      memory: typeof said.memory === "number" ? said.memory : (parseSize(said.memory) ?? 0),
      vcpus: said.vcpus,
      disks: said.disks.map(({ volume, file: path, tap, target, "read-only": readOnly }) => {
        const kind = volume !== undefined ? "volume" : path !== undefined ? "file" : "tap";
        return { kind, at: volume ?? path ?? tap ?? "", target, readOnly };
      }),
      vifs: said.vifs.map(({ bridge, mac }, index) => ({
        bridge,
        mac: mac ?? address(derived(`${name} vif ${index}`)),
      })),
      autostart: said.autostart,
      dom0less: said.dom0less,
    };
  });
  return guests.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function address(digest: string): string {
  return [XEN_OUI, digest.slice(0, 2), digest.slice(2, 4), digest.slice(4, 6)].join(":");
}
