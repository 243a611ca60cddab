import type { Diagnostic } from "../../diagnostic/diagnostic.js";
import { find, keyOf, type Placed, textAt } from "../../diagnostic/placed.js";
import { parseSize } from "../../util/size.js";
import { type Check, wrong } from "./check.js";

const MiB = 1024 ** 2;

/** What `xen:` and `guest-kernel:` need of the rest of a recipe. */
export const checkXen: Check = (root) => {
  const xen = find(root, "xen");
  return [...(xen ? [...method(root), ...netboot(root), ...memory(xen)] : fastModel(root)), ...guestKernel(root, xen)];
};

/** A fast model's image starts with Xen. */
function fastModel(root: Placed): readonly Diagnostic[] {
  if (!find(root, "fast-model")) return [];
  const message = "an image for a fast model is one of Xen and dom0, and this recipe has no Xen";
  return [
    wrong("fast-model-without-xen", message, keyOf(root, ["fast-model"]), "say under `xen:` where it comes from"),
  ];
}

function method(root: Placed): readonly Diagnostic[] {
  const said = textAt(root, "boot", "method");
  if (said?.text !== "extlinux") return [];
  const message = "extlinux.conf cannot tell Xen where dom0's kernel lies; a boot script can";
  return [
    wrong("xen-needs-script", message, said.at, "leave it out, or say `method: script`", [
      { message: "Xen is asked for here", at: keyOf(root, ["xen"]) },
    ]),
  ];
}

function netboot(root: Placed): readonly Diagnostic[] {
  if (!find(root, "netboot")) return [];
  const message = "Xen is started from a card: over the network U-Boot would get a kernel, and no modules for Xen";
  return [
    wrong("xen-netboot", message, keyOf(root, ["netboot"]), "leave one of the two out", [
      { message: "Xen is asked for here", at: keyOf(root, ["xen"]) },
    ]),
  ];
}

function memory(xen: Placed): readonly Diagnostic[] {
  const said = textAt(xen, "dom0", "memory");
  if (said === undefined) return [];
  const bytes = parseSize(said.text);
  if (bytes === undefined) {
    return [wrong("bad-size", `"${said.text}" is no size`, said.at, "expected whole MiB, such as 512MiB")];
  }
  if (bytes % MiB === 0 && bytes >= 64 * MiB) return [];
  const message = `dom0 cannot have ${said.text} of memory: whole MiB it has to be, and 64MiB at least`;
  return [wrong("bad-size", message, said.at)];
}

/** It is compiled beside dom0's, from one and the same source. */
function guestKernel(root: Placed, xen: Placed | undefined): readonly Diagnostic[] {
  if (!find(root, "guest-kernel")) return [];
  const at = keyOf(root, ["guest-kernel"]);
  if (!xen) {
    return [
      wrong("guest-kernel-alone", "a kernel for guests is of use under Xen only", at, "add `xen:`, or leave it out"),
    ];
  }
  const kind = ["package", "prebuilt"].find((one) => find(root, "kernel", one));
  if (kind === undefined) return [];
  const message = "the guests' kernel is compiled from the source of dom0's, and dom0's was built elsewhere";
  return [
    wrong(
      "guest-kernel-alone",
      message,
      at,
      "leave it out (a distribution's kernel runs as guest, too), or compile both",
      [{ message: "dom0's kernel is named here", at: keyOf(root, ["kernel", kind]) }],
    ),
  ];
}
