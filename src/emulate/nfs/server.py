#!/usr/bin/python3
"""An NFS server for one root filesystem that is a tar: what an emulated board boots from, without privilege or kernel.

    server.py TAR PATH [--port PORT] [--portmap PORT] [--root-hash HASH]

Serves the tar under the name PATH by NFS version 3 with the MOUNT protocol, and a port mapper to find both by, over TCP and
UDP (RFC 1813, RFC 5531, RFC 1833). Nothing is unpacked: files are read where they lie in the tar, and what is written stays
in memory, so every start is the same, owners, modes and devices are those of the tar, and the server needs no right to
make them. Clients are believed who they are and root is root (no_root_squash); there are no locks (mount with nolock).
--root-hash gives root this password hash, in /etc/shadow or, where there is none, /etc/passwd.
"""

import argparse
import asyncio
import os

from calls import LEFT_OUT, PROCEDURES, Call, handle
from tree import DIR, NOENT, Refusal, Root
from xdr import Fields, opaque, words

PORTMAP, NFS, MOUNT = 100000, 100003, 100005
VERSIONS = {PORTMAP: 2, NFS: 3, MOUNT: 3}
# nfsstat3 for what is our own mistake.
SERVERFAULT = 10006


class Server:
    def __init__(self, root, path, port):
        self.root, self.path, self.port = root, os.fsencode(path), port

    def answer(self, message):
        """The reply to one RPC message, or None for what is no call."""
        a = Fields(message)
        xid, kind, _rpc, program, version, procedure = (a.word() for _ in range(6))
        if kind != 0:
            return None
        flavor, credentials = a.word(), Fields(a.opaque())
        a.word(), a.opaque()
        uid, gids = 65534, [65534]
        if flavor == 1:
            credentials.word(), credentials.opaque()
            uid, gid, count = credentials.word(), credentials.word(), credentials.word()
            gids = [gid, *(credentials.word() for _ in range(count))]
        accepted = words(xid, 1, 0, 0, 0)
        if VERSIONS.get(program) is None:
            return accepted + words(1)
        if VERSIONS[program] != version:
            return accepted + words(2, VERSIONS[program], VERSIONS[program])
        body = b"" if procedure == 0 else {PORTMAP: self.portmap, MOUNT: self.mount, NFS: self.nfs}[program](procedure, a, uid, gids)
        return accepted + (words(3) if body is None else words(0) + body)

    def portmap(self, procedure, a, _uid, _gids):
        if procedure != 3:
            return None
        program, version = a.word(), a.word()
        return words(self.port if VERSIONS.get(program) == version else 0)

    def mount(self, procedure, a, _uid, _gids):
        if procedure == 1:
            folder = self.exported(os.path.normpath(a.opaque()))
            return words(NOENT) if folder is None else words(0) + handle(folder) + words(1, 1)
        if procedure == 5:
            return words(1) + opaque(self.path) + words(0, 0)
        # Nobody keeps a list of mounts, so DUMP is empty and UMNT has nothing to do.
        return {2: words(0), 3: b"", 4: b""}.get(procedure)

    def exported(self, path):
        """The folder that a client wants to mount: the export, or one in it."""
        own = os.path.normpath(self.path)
        if path != own and not path.startswith(own + b"/"):
            return None
        try:
            node = self.root.walk([os.fsdecode(part) for part in path[len(own) :].split(b"/") if part])
        except Refusal:
            return None
        return node if node.kind == DIR else None

    def nfs(self, procedure, a, uid, gids):
        run = PROCEDURES.get(procedure)
        if run is None:
            return None
        try:
            return words(0) + run(Call(self.root, a, uid, gids))
        except Refusal as refusal:
            status = refusal.args[0]
        except Exception as error:
            print("nfs: procedure %d: %r" % (procedure, error), flush=True)
            status = SERVERFAULT
        return words(status) + bytes(4 * LEFT_OUT.get(procedure, 2))

    async def stream(self, reader, writer):
        """Messages over TCP come in fragments: a word with the length, its highest bit set in the last one."""
        try:
            while True:
                message, last = b"", False
                while not last:
                    head = int.from_bytes(await reader.readexactly(4), "big")
                    last = bool(head >> 31)
                    message += await reader.readexactly(head & 0x7FFFFFFF)
                reply = self.answer(message)
                if reply is not None:
                    writer.write(words(0x80000000 | len(reply)) + reply)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server):
        self.server = server

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        reply = self.server.answer(data)
        if reply is not None:
            self.transport.sendto(reply, address)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tar")
    parser.add_argument("path")
    parser.add_argument("--port", type=int, default=2049)
    parser.add_argument("--portmap", type=int, default=111)
    parser.add_argument("--root-hash")
    options = parser.parse_args()
    root = Root(options.tar)
    if options.root_hash:
        root.set_password(options.root_hash)
    server = Server(root, options.path, options.port)
    for port in (options.portmap, options.port):
        await asyncio.start_server(server.stream, "127.0.0.1", port)
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: Datagrams(server), ("127.0.0.1", port))
    await asyncio.Event().wait()


asyncio.run(main())
