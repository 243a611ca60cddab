import { describe, expect, test } from "vitest";
import { servedNetwork, withServer } from "../../../src/emulate/served.js";

describe("QEMU's network for a board that boots over it", () => {
  test("is QEMU's own where DHCP names the server", () => {
    expect(servedNetwork({})).toBe("user,tftp=/card/tftp");
  });

  test("has the server's and the board's addresses where the recipe names them", () => {
    expect(servedNetwork({ server: "192.0.2.1" })).toBe(
      "user,tftp=/card/tftp,net=192.0.2.1/24,host=192.0.2.1,dns=192.0.2.3",
    );
    expect(servedNetwork({ server: "192.0.2.3", address: "192.0.2.4/28" })).toBe(
      "user,tftp=/card/tftp,net=192.0.2.3/28,host=192.0.2.3,dns=192.0.2.5,dhcpstart=192.0.2.4",
    );
  });
});

test("the NFS server runs beside QEMU, with root's password when there is one to be known", () => {
  const [shell, flag, script, ...rest] = withServer(["qemu-system-arm", "-M", "cubieboard"], "/srv/nfs/board", true);
  expect([shell, flag, ...rest]).toEqual([
    "sh",
    "-c",
    "served",
    "/srv/nfs/board",
    "qemu-system-arm",
    "-M",
    "cubieboard",
  ]);
  expect(script).toBe(
    'path=$1; shift; python3 -B /in/nfs/server.py /in/nfsroot "$path" --root-hash "$(cat /card/root-hash)" & exec "$@"',
  );
  expect(withServer([], "/x", false)[2]).not.toContain("hash");
});
