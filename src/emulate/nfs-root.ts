/** Where a kernel gets its root file system from, as far as its console has told. */
export interface NfsRoot {
  readonly server?: string;
  readonly path?: string;
}

/**
 * Takes in what a line says about the root's server: its command line names the folder and perhaps the server, and
 * IP-Config tells what DHCP said. See Linux, fs/nfs/nfsroot.c and net/ipv4/ipconfig.c.
 */
export function nfsRootIn(line: string, known: NfsRoot | undefined): NfsRoot | undefined {
  const [, named, path] = /Kernel command line: .*\bnfsroot=(?:([\d.]+):)?([^,\s]+)/.exec(line) ?? [];
  if (path !== undefined) return { ...known, path, ...(named === undefined ? {} : { server: named }) };
  const [, server] = /\brootserver=([\d.]+)/.exec(line) ?? [];
  return server !== undefined && known?.server === undefined ? { ...known, server } : known;
}

/** `10.0.2.2:/srv/nfs/board`, or undefined when nothing is known. */
export function shownNfsRoot(root: NfsRoot | undefined): string | undefined {
  if (root?.path === undefined) return undefined;
  return root.server === undefined ? root.path : `${root.server}:${root.path}`;
}
