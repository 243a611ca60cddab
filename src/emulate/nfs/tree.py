"""A root filesystem that is a tar, as a tree that can be changed: what is written stays in memory, the tar as it is."""

import os
import tarfile
import time

from xdr import long, words

# ftype3 and nfsstat3 of RFC 1813.
REG, DIR, BLK, CHR, LNK, SOCK, FIFO = 1, 2, 3, 4, 5, 6, 7
NOENT, EXIST, NOTDIR, ISDIR, INVAL, NOTEMPTY, STALE = 2, 17, 20, 21, 22, 66, 70
TAR_KINDS = {
    tarfile.DIRTYPE: DIR,
    tarfile.SYMTYPE: LNK,
    tarfile.CHRTYPE: CHR,
    tarfile.BLKTYPE: BLK,
    tarfile.FIFOTYPE: FIFO,
}


class Refusal(Exception):
    """A call that is answered with an nfsstat3 other than 0."""


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
        # While the tar is read, folders keep its times: what a board finds newer than it was it would set up anew.
        self.loaded = False
        with tarfile.open(tar, "r:") as archive:
            for member in archive:
                self.load(member)
        self.loaded = True

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
        if self.loaded:
            folder.touch()
        return node

    def link(self, folder, name, node):
        node.links += 1
        self.add(folder, name, node)

    def unlink(self, folder, name):
        node = folder.entries.pop(name)[1]
        if self.loaded:
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
        raise SystemExit("nfs: the root file system has no root in /etc/shadow or /etc/passwd")
