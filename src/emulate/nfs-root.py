#!/usr/bin/python3
"""An NFS server for one root filesystem that is a tar: what an emulated board boots from, without privilege or kernel.

    nfs-root.py TAR PATH [--port PORT] [--portmap PORT] [--root-hash HASH]

Serves the tar under the name PATH by NFS version 3 with the MOUNT protocol, and a port mapper to find both by, over TCP and
UDP (RFC 1813, RFC 5531, RFC 1833). Nothing is unpacked: files are read where they lie in the tar, and what is written stays
in memory, so every start is the same, owners, modes and devices are those of the tar, and the server needs no right to
make them. Clients are believed who they are and root is root (no_root_squash); there are no locks (mount with nolock).
--root-hash gives root this password hash, in /etc/shadow or, where there is none, /etc/passwd.
"""

import argparse
import asyncio
import os
import struct
import tarfile
import time

PORTMAP, NFS, MOUNT = 100000, 100003, 100005
VERSIONS = {PORTMAP: 2, NFS: 3, MOUNT: 3}
REG, DIR, BLK, CHR, LNK, SOCK, FIFO = 1, 2, 3, 4, 5, 6, 7
NOENT, EXIST, NOTDIR, ISDIR, INVAL, NOTEMPTY, STALE, NOTSUPP, SERVERFAULT = 2, 17, 20, 21, 22, 66, 70, 10004, 10006
TAR_KINDS = {tarfile.DIRTYPE: DIR, tarfile.SYMTYPE: LNK, tarfile.CHRTYPE: CHR, tarfile.BLKTYPE: BLK, tarfile.FIFOTYPE: FIFO}
# The most bytes of one READ or WRITE.
LARGEST = 65536
# A restarted server would have lost what was written: its number changes with every start.
VERIFIER = struct.pack(">Q", time.time_ns())


class Refusal(Exception):
    """A call that is answered with an nfsstat3 other than 0."""


class Fields:
    """Reads XDR (RFC 4506): big-endian words, opaques filled up to whole words."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def word(self):
        self.at += 4
        return int.from_bytes(self.data[self.at - 4 : self.at], "big")

    def long(self):
        return self.word() << 32 | self.word()

    def opaque(self):
        length = self.word()
        found = bytes(self.data[self.at : self.at + length])
        self.at += (length + 3) & ~3
        return found

    def fixed(self, length):
        self.at += length
        return bytes(self.data[self.at - length : self.at])


def words(*values):
    return struct.pack(">%dI" % len(values), *values)


def long(value):
    return struct.pack(">Q", value)


def opaque(data):
    return words(len(data)) + data + bytes(-len(data) % 4)


class Node:
    """A file of whatever kind. A folder's entries are name → (cookie, node); a file's data is a range of the tar until it is written to."""

    count = 0

    def __init__(self, kind, mode, uid=0, gid=0, moment=None, parent=None):
        Node.count += 1
        self.id = Node.count
        self.kind, self.mode, self.uid, self.gid, self.parent = kind, mode, uid, gid, parent
        self.links = 2 if kind == DIR else 1
        self.modified = self.changed = time.time_ns() if moment is None else moment
        self.entries, self.cookie = {}, 2
        self.offset = self.length = self.rdev = 0
        self.data = None
        self.target = b""
        self.verifier = None

    def touch(self):
        self.modified = self.changed = time.time_ns()

    def size(self):
        if self.kind == LNK:
            return len(self.target)
        if self.kind == DIR:
            return 4096
        return self.length if self.data is None else len(self.data)

    def attributes(self):
        used = (self.size() + 511) & ~511
        device = words(os.major(self.rdev), os.minor(self.rdev))
        times = b"".join(words(*divmod(t, 10**9)) for t in (self.modified, self.modified, self.changed))
        return words(self.kind, self.mode, self.links, self.uid, self.gid) + long(self.size()) + long(used) + device + long(1) + long(self.id) + times


class Root:
    """The tree, and what NFS does to it."""

    def __init__(self, tar):
        self.tar = os.open(tar, os.O_RDONLY)
        self.top = Node(DIR, 0o755)
        self.top.parent = self.top
        self.nodes = {self.top.id: self.top}
        with tarfile.open(tar, "r:") as archive:
            for member in archive:
                self.load(member)

    def load(self, member):
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        if not parts:
            self.own(self.top, member)
            return
        folder = self.walk(parts[:-1], make=True)
        name = os.fsencode(parts[-1])
        if member.islnk():
            self.link(folder, name, self.walk([p for p in member.linkname.split("/") if p not in ("", ".")]))
            return
        known = folder.entries.get(name)
        if member.isdir() and known and known[1].kind == DIR:
            self.own(known[1], member)
            return
        if known:
            self.unlink(folder, name)
        node = self.add(folder, name, Node(TAR_KINDS.get(member.type, REG), 0))
        self.own(node, member)
        node.target = os.fsencode(member.linkname) if node.kind == LNK else b""
        node.rdev = os.makedev(member.devmajor, member.devminor) if node.kind in (CHR, BLK) else 0
        node.offset, node.length = member.offset_data, member.size

    def own(self, node, member):
        node.mode, node.uid, node.gid = member.mode & 0o7777, member.uid, member.gid
        node.modified = node.changed = int(member.mtime * 10**9)

    def walk(self, parts, make=False):
        node = self.top
        for part in parts:
            entry = node.entries.get(os.fsencode(part))
            if entry is None and not make:
                raise Refusal(NOENT)
            node = entry[1] if entry else self.add(node, os.fsencode(part), Node(DIR, 0o755))
        return node

    def add(self, folder, name, node):
        folder.cookie += 1
        folder.entries[name] = (folder.cookie, node)
        self.nodes[node.id] = node
        if node.kind == DIR:
            node.parent = folder
            folder.links += 1
        folder.touch()
        return node

    def link(self, folder, name, node):
        node.links += 1
        self.add(folder, name, node)

    def unlink(self, folder, name):
        node = folder.entries.pop(name)[1]
        folder.touch()
        node.changed = time.time_ns()
        node.links -= 1
        if node.kind == DIR:
            folder.links -= 1
        if node.kind == DIR or node.links == 0:
            del self.nodes[node.id]

    def read(self, node, offset, count):
        if node.data is not None:
            return bytes(node.data[offset : offset + count])
        count = max(0, min(count, node.length - offset))
        return os.pread(self.tar, count, node.offset + offset)

    def writable(self, node):
        if node.data is None:
            node.data = bytearray(self.read(node, 0, node.length))
        return node.data

    def resize(self, node, size):
        data = self.writable(node)
        if size < len(data):
            del data[size:]
        else:
            data.extend(bytes(size - len(data)))

    def set_password(self, hash):
        """Field 2 of root's line is the password; an expired one (field 3 of shadow is 0) would have to be changed at login."""
        for file in ("shadow", "passwd"):
            try:
                node = self.walk(["etc", file])
            except Refusal:
                continue
            lines = self.read(node, 0, node.length).decode().split("\n")
            at = next((i for i, line in enumerate(lines) if line.startswith("root:")), None)
            fields = lines[at].split(":") if at is not None else []
            if not fields or (file == "passwd" and fields[1] == "x"):
                continue
            fields[1] = hash
            if file == "shadow":
                fields[2] = "19000"
            lines[at] = ":".join(fields)
            node.data = bytearray("\n".join(lines).encode())
            return
        raise SystemExit("nfs-root: the root file system has no root in /etc/shadow or /etc/passwd")


class Call:
    """One call: its arguments, and whose it is."""

    def __init__(self, root, arguments, uid, gids):
        self.root, self.a, self.uid, self.gids = root, arguments, uid, gids

    def node(self):
        handle = self.a.opaque()
        node = self.root.nodes.get(int.from_bytes(handle, "big"))
        if node is None:
            raise Refusal(STALE)
        return node

    def folder(self):
        node = self.node()
        if node.kind != DIR:
            raise Refusal(NOTDIR)
        return node

    def place(self):
        return self.folder(), self.a.opaque()

    def entry(self, folder, name):
        if name == b".":
            return folder
        if name == b"..":
            return folder.parent
        if name not in folder.entries:
            raise Refusal(NOENT)
        return folder.entries[name][1]

    def wishes(self):
        """sattr3: what is to be set, by name."""
        a, wishes = self.a, {}
        for name, read in (("mode", a.word), ("uid", a.word), ("gid", a.word), ("size", a.long)):
            if a.word():
                wishes[name] = read()
        for name in ("atime", "modified"):
            how = a.word()
            if how:
                wishes[name] = time.time_ns() if how == 1 else a.word() * 10**9 + a.word()
        return wishes

    def apply(self, node, wishes):
        if "size" in wishes:
            if node.kind != REG:
                raise Refusal(ISDIR if node.kind == DIR else INVAL)
            self.root.resize(node, wishes["size"])
            node.touch()
        node.mode = wishes.get("mode", node.mode) & 0o7777
        node.uid, node.gid = wishes.get("uid", node.uid), wishes.get("gid", node.gid)
        node.modified = wishes.get("modified", node.modified)
        node.changed = time.time_ns()

    def make(self, kind, folder, name, wishes):
        if name in folder.entries or name in (b"", b".", b".."):
            raise Refusal(EXIST)
        group = folder.gid if folder.mode & 0o2000 else self.gids[0]
        node = self.root.add(folder, name, Node(kind, 0o777 if kind == LNK else 0o644, self.uid, group))
        self.apply(node, wishes)
        return node

    # The procedures, by RFC 1813's numbers.

    def getattr_1(self):
        return self.node().attributes()

    def setattr_2(self):
        node, wishes = self.node(), self.wishes()
        self.apply(node, wishes)
        return before_after(node)

    def lookup_3(self):
        folder, name = self.place()
        node = self.entry(folder, name)
        return handle(node) + present(node) + present(folder)

    def access_4(self):
        node, asked = self.node(), self.a.word()
        bits = 7 if self.uid == 0 else node.mode >> (6 if self.uid == node.uid else 3 if node.gid in self.gids else 0) & 7
        read, write, run = 0x01, 0x04 | 0x08 | 0x10, 0x20 | 0x02
        allowed = (read if bits & 4 else 0) | (write if bits & 2 else 0) | (run if bits & 1 else 0)
        if self.uid == 0 and node.kind != DIR and not node.mode & 0o111:
            allowed &= ~0x20
        return present(node) + words(asked & allowed)

    def readlink_5(self):
        node = self.node()
        if node.kind != LNK:
            raise Refusal(INVAL)
        return present(node) + opaque(node.target)

    def read_6(self):
        node, offset, count = self.node(), self.a.long(), self.a.word()
        if node.kind != REG:
            raise Refusal(ISDIR if node.kind == DIR else INVAL)
        data = self.root.read(node, offset, min(count, LARGEST))
        return present(node) + words(len(data), offset + len(data) >= node.size()) + opaque(data)

    def write_7(self):
        node, offset, _count, _stable, new = self.node(), self.a.long(), self.a.word(), self.a.word(), self.a.opaque()
        if node.kind != REG:
            raise Refusal(ISDIR if node.kind == DIR else INVAL)
        data = self.root.writable(node)
        if offset > len(data):
            data.extend(bytes(offset - len(data)))
        data[offset : offset + len(new)] = new
        node.touch()
        # 2: FILE_SYNC, it is as safe as it will ever be.
        return before_after(node) + words(len(new), 2) + VERIFIER

    def create_8(self):
        (folder, name), how = self.place(), self.a.word()
        verifier = self.a.fixed(8) if how == 2 else None
        wishes = {} if how == 2 else self.wishes()
        known = folder.entries.get(name)
        if known is None:
            node = self.make(REG, folder, name, wishes)
            node.verifier = verifier
        else:
            node = known[1]
            if how == 1 or (how == 2 and node.verifier != verifier):
                raise Refusal(EXIST)
            if how == 0:
                self.apply(node, {key: value for key, value in wishes.items() if key == "size"})
        return made(node, folder)

    def mkdir_9(self):
        (folder, name), wishes = self.place(), self.wishes()
        return made(self.make(DIR, folder, name, wishes), folder)

    def symlink_10(self):
        (folder, name), wishes, target = self.place(), self.wishes(), self.a.opaque()
        node = self.make(LNK, folder, name, {**wishes, "mode": 0o777})
        node.target = target
        return made(node, folder)

    def mknod_11(self):
        (folder, name), kind = self.place(), self.a.word()
        if kind not in (CHR, BLK, SOCK, FIFO):
            raise Refusal(INVAL)
        wishes = self.wishes()
        rdev = os.makedev(self.a.word(), self.a.word()) if kind in (CHR, BLK) else 0
        node = self.make(kind, folder, name, wishes)
        node.rdev = rdev
        return made(node, folder)

    def remove_12(self):
        folder, name = self.place()
        if self.entry(folder, name).kind == DIR:
            raise Refusal(ISDIR)
        self.root.unlink(folder, name)
        return before_after(folder)

    def rmdir_13(self):
        folder, name = self.place()
        node = self.entry(folder, name)
        if node.kind != DIR:
            raise Refusal(NOTDIR)
        if node.entries:
            raise Refusal(NOTEMPTY)
        self.root.unlink(folder, name)
        return before_after(folder)

    def rename_14(self):
        (old, name), (new, to) = self.place(), self.place()
        node = self.entry(old, name)
        there = new.entries.get(to)
        if there and there[1] is not node:
            if there[1].kind == DIR and there[1].entries:
                raise Refusal(NOTEMPTY)
            if (there[1].kind == DIR) != (node.kind == DIR):
                raise Refusal(ISDIR if there[1].kind == DIR else NOTDIR)
            self.root.unlink(new, to)
        if not (there and there[1] is node):
            del old.entries[name]
            if node.kind == DIR:
                old.links -= 1
            self.root.add(new, to, node)
            old.touch()
        return before_after(old) + before_after(new)

    def link_15(self):
        node, (folder, name) = self.node(), self.place()
        if name in folder.entries:
            raise Refusal(EXIST)
        self.root.link(folder, name, node)
        return present(node) + before_after(folder)

    def listing(self, cookie, room, fill):
        """Entries behind a cookie as far as there is room: each as fill(node) makes it behind id, name and cookie."""
        folder = self.folder_listed
        every = [(b".", (1, folder)), (b"..", (2, folder.parent)), *folder.entries.items()]
        found, used = [], 0
        for name, (at, node) in every:
            if at <= cookie:
                continue
            one = words(1) + long(node.id) + opaque(name) + long(at) + fill(node)
            if used + len(one) > room:
                return b"".join(found) + words(0, 0)
            found.append(one)
            used += len(one)
        return b"".join(found) + words(0, 1)

    def readdir_16(self):
        self.folder_listed, cookie, _verifier, count = self.folder(), self.a.long(), self.a.fixed(8), self.a.word()
        entries = self.listing(cookie, min(count, LARGEST) - 128, lambda node: b"")
        return present(self.folder_listed) + bytes(8) + entries

    def readdirplus_17(self):
        self.folder_listed, cookie, _verifier, _names, count = (
            self.folder(),
            self.a.long(),
            self.a.fixed(8),
            self.a.word(),
            self.a.word(),
        )
        entries = self.listing(cookie, min(count, LARGEST) - 128, lambda node: present(node) + words(1) + handle(node))
        return present(self.folder_listed) + bytes(8) + entries

    def fsstat_18(self):
        node, gib = self.node(), 2**30
        return present(node) + b"".join(map(long, (4 * gib, 2 * gib, 2 * gib, 2**20, 2**19, 2**19))) + words(0)

    def fsinfo_19(self):
        # The last word says: hard links, symbolic links, all files alike, times can be set.
        sizes = words(LARGEST, LARGEST, 4096, LARGEST, LARGEST, 4096, 4096)
        return present(self.node()) + sizes + long(2**40) + words(0, 1) + words(0x1B)

    def pathconf_20(self):
        return present(self.node()) + words(1000, 255, 1, 1, 0, 1)

    def commit_21(self):
        return before_after(self.node()) + VERIFIER


def handle(node):
    return opaque(long(node.id))


def present(node):
    """post_op_attr"""
    return words(1) + node.attributes()


def before_after(node):
    """wcc_data, without what was before."""
    return words(0) + present(node)


def made(node, folder):
    return words(1) + handle(node) + present(node) + before_after(folder)


PROCEDURES = {int(name.rsplit("_", 1)[1]): getattr(Call, name) for name in dir(Call) if name.rsplit("_", 1)[-1].isdigit()}
# Words without attributes behind a refusal's status, by procedure.
LEFT_OUT = {1: 0, 3: 1, 4: 1, 5: 1, 6: 1, 14: 4, 15: 3, 16: 1, 17: 1, 18: 1, 19: 1, 20: 1}


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
            print("nfs-root: procedure %d: %r" % (procedure, error), flush=True)
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
