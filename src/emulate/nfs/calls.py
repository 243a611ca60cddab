"""The procedures of NFS version 3 (RFC 1813), each as a method named for what it does and for its number."""

import os
import struct
import time

from tree import (
    BLK,
    CHR,
    DIR,
    EXIST,
    FIFO,
    INVAL,
    ISDIR,
    LNK,
    NOENT,
    NOTDIR,
    NOTEMPTY,
    REG,
    SOCK,
    STALE,
    Node,
    Refusal,
)
from xdr import long, opaque, words

# The most bytes of one READ or WRITE: the emulated port holds 32 KiB that have arrived, and loses what comes on top.
LARGEST = 8192
# A restarted server would have lost what was written: its number changes with every start.
VERIFIER = struct.pack(">Q", time.time_ns())


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
