import { expect, test } from "vitest";
import { gccVersion, older, oldestGcc, xenRelease } from "../../../src/board/xen-releases.js";

test.each([
  ["RELEASE-4.20.0", "4.20"],
  ["stable-4.17", "4.17"],
  ["arm-for-4.3", "4.3"],
  ["xen-hypervisor-4.17-armhf", "4.17"],
  ["xen-4.19.1.tar.gz", "4.19"],
  ["xen-hypervisor-4.17-armhf_4.17.7-0+deb12u1_armhf.deb", "4.17"],
  ["staging", undefined],
  ["xen-14.2", undefined],
])("%s names Xen %s", (name, release) => expect(xenRelease(name)).toBe(release));

test.each([
  ["x86_64-gcc-4.6.0-nolibc_arm-unknown-linux-gnueabi.tar.bz2", "4.6.0"],
  ["gcc-linaro-7.5.0-2019.12-x86_64_arm-linux-gnueabihf.tar.xz", "7.5.0"],
  ["x86_64-gcc-13.2.0-nolibc-arm-linux-gnueabi.tar.xz", "13.2.0"],
  ["cross.tar.xz", undefined],
])("%s names GCC %s", (name, version) => expect(gccVersion(name)).toBe(version));

test("releases ask for the compilers that their READMEs ask for", () => {
  expect(["4.1", "4.3", "4.6", "4.14", "4.15", "4.17", "4.20", "4.21"].map(oldestGcc)).toEqual([
    undefined,
    "4.1",
    "4.1",
    "4.8",
    "4.9",
    "4.9",
    "4.9",
    "5.1",
  ]);
});

test("versions are compared number by number", () => {
  expect(older("4.6.3", "4.9")).toBe(true);
  expect(older("4.9", "4.15")).toBe(true);
  expect(older("4.9.0", "4.9")).toBe(false);
  expect(older("14.2", "4.9")).toBe(false);
});
