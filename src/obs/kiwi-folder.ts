import { kiwiDescription } from "../kiwi/description.js";
import type { Spec } from "../recipe/spec.js";
import { bootInstallScript, configScript } from "./config-sh.js";
import type { ImageFile } from "./first-boot-sh.js";
import { kiwiSystem } from "./kiwi-system.js";
import type { ProjectFile } from "./project.js";

/** A recipe as the folder of a KIWI description, for kiwi-ng by hand and for `rootfs: kiwi`. */
export function kiwiFolder(spec: Spec, imageFile: ImageFile): readonly ProjectFile[] {
  return [
    { path: "config.xml", text: kiwiDescription(kiwiSystem(spec), { obs: false }), executable: false },
    { path: "config.sh", text: configScript(spec, imageFile), executable: true },
    { path: "editbootinstall.sh", text: bootInstallScript(spec.board.spl.offset), executable: true },
  ];
}
