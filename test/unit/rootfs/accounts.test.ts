import { describe, expect, it } from "vitest";
import type { UserSpec } from "../../../src/recipe/spec.js";
import { accounts } from "../../../src/rootfs/accounts.js";
import { EPOCH, found, listing, NONE, treeOf } from "./rig.js";

const HASH = "$6$salt$J0Pq7kQ2m3bPzY1";
const DEBIAN = {
  "bin/": {},
  "bin/bash": { mode: 0o755, content: "ELF" },
  "bin/sh": { link: "bash" },
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n",
  "etc/shadow": { mode: 0o640, gid: 42, content: "root:*:19675:0:99999:7:::\ndaemon:*:19675:0:99999:7:::\n" },
  "etc/group": "root:x:0:\nsudo:x:27:\nshadow:x:42:\nvideo:x:44:eve\n",
  "etc/gshadow": { mode: 0o640, gid: 42, content: "root:*::\nsudo:*::\nshadow:*::\nvideo:*::eve\n" },
  "etc/skel/": {},
  "etc/skel/.profile": "# profile\n",
  "etc/skel/bin/": {},
  "etc/skel/bin/me": { mode: 0o755, content: "#!/bin/sh\n" },
  "root/": { mode: 0o700 },
};

function user(more: Partial<UserSpec>): UserSpec {
  return { name: "ada", sshKeys: [], groups: [], ...more };
}

describe("a new user", () => {
  const tree = treeOf(DEBIAN);
  const says = found((findings) =>
    accounts(
      tree,
      [user({ passwordHash: HASH, sshKeys: ["ssh-ed25519 AAAA ada"], groups: ["sudo", "video"], comment: "Ada" })],
      EPOCH,
      findings,
    ),
  );

  it("has lines in all four files", () => {
    expect(says).toEqual(NONE);
    expect(tree.text("etc/passwd")?.split("\n")[2]).toBe("ada:x:1000:1000:Ada:/home/ada:/bin/bash");
    expect(tree.text("etc/shadow")?.split("\n")[2]).toBe(`ada:${HASH}:19675:0:99999:7:::`);
    expect(tree.text("etc/group")).toBe("root:x:0:\nsudo:x:27:ada\nshadow:x:42:\nvideo:x:44:eve,ada\nada:x:1000:\n");
    expect(tree.text("etc/gshadow")).toBe("root:*::\nsudo:*::ada\nshadow:*::\nvideo:*::eve,ada\nada:!::\n");
  });

  it("has a home from /etc/skel and keys, all of its own", () => {
    expect(listing(tree).filter((line) => /home|etc\/g?shadow/.test(line))).toEqual([
      "-rw-r----- 0/42 ./etc/shadow",
      "-rw-r----- 0/42 ./etc/gshadow",
      "drwxr-xr-x 0/0 ./home/",
      "drwx------ 1000/1000 ./home/ada/",
      "-rw-r--r-- 1000/1000 ./home/ada/.profile",
      "drwxr-xr-x 1000/1000 ./home/ada/bin/",
      "-rwxr-xr-x 1000/1000 ./home/ada/bin/me",
      "drwx------ 1000/1000 ./home/ada/.ssh/",
      "-rw------- 1000/1000 ./home/ada/.ssh/authorized_keys",
    ]);
    expect(tree.text("home/ada/.ssh/authorized_keys")).toBe("ssh-ed25519 AAAA ada\n");
  });
});

it("numbers that users ask for are not given to others", () => {
  const tree = treeOf(DEBIAN);
  expect(found((f) => accounts(tree, [user({}), user({ name: "bob", uid: 1000 })], EPOCH, f))).toEqual(NONE);
  const ids = tree.text("etc/passwd")?.split("\n").slice(2, 4);
  expect(ids).toEqual(["bob:x:1000:1000::/home/bob:/bin/bash", "ada:x:1001:1001::/home/ada:/bin/bash"]);
});

it("root may be given a password and keys", () => {
  const tree = treeOf(DEBIAN);
  found((f) => accounts(tree, [user({ name: "root", passwordHash: HASH, sshKeys: ["k"] })], EPOCH, f));
  expect(tree.text("etc/shadow")?.split("\n")[0]).toBe(`root:${HASH}:19675:0:99999:7:::`);
  expect(listing(tree).filter((line) => line.includes("./root"))).toEqual([
    "drwx------ 0/0 ./root/",
    "drwx------ 0/0 ./root/.ssh/",
    "-rw------- 0/0 ./root/.ssh/authorized_keys",
  ]);
});

describe("passwords that a rootfs came with", () => {
  it("are taken out, wherever they stand", () => {
    const tree = treeOf({
      "etc/passwd":
        "root::0:0:root:/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\nold:Xy9abcdefghij:7:7::/:/bin/sh\nsys:*:3:3::/:/bin/false\n",
      "etc/shadow": { mode: 0o600, content: `pi:${HASH}:1:0:99999:7:::\n` },
    });
    expect(found((f) => accounts(tree, [], EPOCH, f))).toEqual({
      notes: [
        "the rootfs's own password of root (an empty one) is taken out",
        "the rootfs's own password of pi (a set one) is taken out",
        "the rootfs's own password of old (a set one) is taken out",
      ],
      mistakes: [],
    });
    expect(tree.text("etc/passwd")?.match(/^\w+:x:/gm)).toHaveLength(4);
    expect(tree.text("etc/shadow")?.match(/^\w+:\*:/gm)).toHaveLength(4);
  });

  it("leave no readable shadow where there was none", () => {
    const tree = treeOf({ "etc/passwd": "root:*:0:0:root:/root:/bin/sh\n", "etc/group": "root:x:0:\nshadow:x:42:\n" });
    found((f) => accounts(tree, [], EPOCH, f));
    expect(listing(tree).filter((line) => line.endsWith("shadow"))).toEqual(["-rw-r----- 0/42 ./etc/shadow"]);
  });
});

it("mistakes are told all together, and never show a hash", () => {
  const tree = treeOf(DEBIAN);
  const says = found((f) =>
    accounts(
      tree,
      [
        user({ groups: ["vidoe", "wheel-of-time"], shell: "/bin/zsh", passwordHash: "secret" }),
        user({ name: "bob", uid: 1 }),
        user({ name: "daemon", uid: 5 }),
      ],
      EPOCH,
      f,
    ),
  );
  expect(says).toEqual({
    notes: [],
    mistakes: [
      "user bob: its uid 1 belongs to daemon",
      "user daemon: the rootfs has it with uid 1, the recipe says 5",
      "user ada: its password-hash is none that crypt(3) makes (make one with: mkpasswd --method=yescrypt)",
      "user ada: its shell /bin/zsh is not in the rootfs",
      'user ada: the rootfs has no group "vidoe" (did you mean "video"?)',
      'user ada: the rootfs has no group "wheel-of-time" (known are root, sudo, shadow, video, bob)',
    ],
  });
  expect(found((f) => accounts(treeOf({ "etc/": {} }), [], EPOCH, f)).mistakes).toEqual([
    "the rootfs has no /etc/passwd",
  ]);
});
