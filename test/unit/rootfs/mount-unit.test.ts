import { expect, test } from "vitest";
import { mountUnit } from "../../../src/rootfs/mount-unit.js";

// What systemd-escape --path --suffix=mount prints.
test.each([
  ["/", "-.mount"],
  ["/srv", "srv.mount"],
  ["/srv/my-data/", "srv-my\\x2ddata.mount"],
  ["/.hidden/.more", "\\x2ehidden-.more.mount"],
  ["/a_b.c/ü", "a_b.c-\\xc3\\xbc.mount"],
])("%s is mounted by %s", (folder, unit) => expect(mountUnit(folder)).toBe(unit));
