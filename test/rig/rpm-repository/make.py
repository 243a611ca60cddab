"""Makes a stand-in of openSUSE's rpm-md repository from Debian's armhf packages (/in/debs, a tar of .deb files).

Each deb is unpacked and packed again by rpmbuild, with a spec made from its control file: names, versions, dependencies and
conffiles are kept, maintainer scripts are not. /out/packages is a tar of the rpms.
"""
import os, re, stat, subprocess, sys, tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, "/in")
import packages as P

WORK, ARCH = Path("/work"), "armv7hl"
os.environ["SOURCE_DATE_EPOCH"] = "1735689600"
FOLDERS = dict(entry.split(":") for entry in P.FOLDERS)


def run(*argv, **options):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, argv))}\n{done.stdout[-4000:]}")
    return done.stdout


def control(deb):
    fields, name = {}, None
    for line in run("dpkg-deb", "-f", deb).splitlines():
        if line.startswith(" "):
            fields[name] += "\n" + line
        else:
            name, _, value = line.partition(": ")
            fields[name] = value
    return fields


class Package:
    def __init__(self, name, debs):
        self.name, self.debs, self.root = name, debs, WORK / "roots" / name
        version = debs[0][1]["Version"] if debs else "20250101-1"
        epoch, _, rest = version.rpartition(":")
        upstream, _, release = rest.rpartition("-")
        self.epoch = epoch
        self.version = (upstream or release).replace("-", ".")
        self.release = release if upstream else "1"
        self.owners, self.conf = {}, set()

    def unpack(self):
        self.root.mkdir(parents=True)
        for deb, _ in self.debs:
            with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as source:
                with tarfile.open(fileobj=source.stdout, mode="r|") as tar:
                    for member in tar:
                        path = member.name.removeprefix("./").rstrip("/")
                        path = P.RENAMED.get(path, path)
                        if not path or re.match(r"usr/share/(doc|info|lintian|bug|menu)/.*", path) and not path.endswith("copyright"):
                            continue
                        if re.match(r"usr/share/(locale|i18n|zoneinfo)/", path):
                            continue
                        member.name = path
                        if member.islnk():
                            member.linkname = member.linkname.removeprefix("./")
                        self.owners[path] = (member.uname or "root", member.gname or "root")
                        tar.extract(member, self.root, numeric_owner=True, filter="fully_trusted")
            conffiles = subprocess.run(["dpkg-deb", "--info", deb, "conffiles"], capture_output=True, text=True).stdout
            self.conf |= {line.strip().lstrip("/") for line in conffiles.splitlines() if line.startswith("/")}
        for path, (mode, group, text) in P.FILES.get(self.name, {}).items():
            self.add(path).write_text(text)
            (self.root / path).chmod(mode)
            self.owners[path] = ("root", group)
            self.conf |= {path} if path.startswith("etc/") else set()
        for path, target in P.LINKS.get(self.name, {}).items():
            self.add(path).symlink_to(target)
        if self.name == "filesystem":
            for path in FOLDERS:
                (self.root / path).mkdir(parents=True, exist_ok=True)
        for path in sorted(self.root.rglob("*"), reverse=True):
            if path.is_dir() and not path.is_symlink() or self.name in P.OWN or str(path.relative_to(self.root)) not in self.owners:
                os.utime(path, (1735689600, 1735689600), follow_symlinks=False)

    def add(self, path):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.is_symlink() or file.exists():
            file.unlink()
        return file

    def file_lines(self):
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            info = path.lstat()
            if self.name != "filesystem" and name in FOLDERS:
                continue
            mode = FOLDERS.get(name) if stat.S_ISDIR(info.st_mode) and name in FOLDERS else oct(stat.S_IMODE(info.st_mode))[2:]
            user, group = self.owners.get(name, ("root", "root"))
            words = [f"%attr({'-' if stat.S_ISLNK(info.st_mode) else mode}, {user}, {group})"]
            if stat.S_ISDIR(info.st_mode):
                words.append("%dir")
            if self.name == "filesystem" and name in P.MOUNTED:
                words.append("%ghost")
            if name in self.conf and not stat.S_ISLNK(info.st_mode):
                words.append("%config(noreplace)")
            if name in P.CAPS:
                words.append(f"%caps({P.CAPS[name]})")
            if re.match(r"usr/share/(doc|man)/", name) and not stat.S_ISDIR(info.st_mode):
                words.append("%doc")
            yield f'{" ".join(words)} "/{name}"'

    def spec(self, names):
        tags = [("Name", self.name), ("Version", self.version), ("Release", self.release)]
        if self.epoch:
            tags.append(("Epoch", self.epoch))
        title = P.OWN.get(self.name) or self.debs[0][1].get("Description", "").splitlines()[0]
        tags += [("Summary", title.replace("%", "%%")), ("License", "SUSE-Freeware"), ("URL", "https://www.example.org/"),
                 # Dependencies are Debian's, by name.
                 ("AutoReqProv", "no")]
        noarch = bool(self.debs) and all(fields["Architecture"] == "all" for _, fields in self.debs)
        if noarch or self.name in P.OWN:
            tags.append(("BuildArch", "noarch"))
        needs = set(P.REQUIRES.get(self.name, []))
        for _, fields in self.debs:
            for field in ("Depends", "Pre-Depends"):
                needs |= set(filter(None, (self.need(one, names) for one in fields.get(field, "").split(",") if one.strip())))
        provided = set(P.ALSO.get(self.name, []))
        for _, fields in self.debs:
            provided |= {one.split()[0] for one in fields.get("Provides", "").split(",") if one.strip() and ":" not in one}
        provided |= {deb for deb, rpm in names.items() if rpm == self.name and deb != self.name}
        if self.name == "filesystem":
            provided |= {f"user({line.split(':')[0]})" for line in P.FILES["filesystem"]["etc/passwd"][2].splitlines()}
            provided |= {f"group({line.split(':')[0]})" for line in P.FILES["filesystem"]["etc/group"][2].splitlines()}
        if self.name.startswith("patterns-"):
            provided |= {"pattern() = minimal_base", "pattern-category() = Base"}
        script = P.SCRIPTS.get(self.name, "")
        lines = [f"{tag}: {value}" for tag, value in tags]
        lines += [f"Requires: {one}" for one in sorted(needs - {self.name})]
        if script and "-p " not in script:
            lines.append("Requires(post): bash")
            lines.append("Requires(pre): bash")
        lines += [f"Recommends: {one}" for one in P.RECOMMENDS.get(self.name, [])]
        lines += [f"Provides: {one}" for one in sorted(provided)]
        lines += ["", "%description", title.replace("%", "%%"), "", "%install", f"cp -a {self.root}/. %{{buildroot}}/", ""]
        if self.name == "filesystem":
            lines += ["%pretrans -p <lua>"] + [f'posix.mkdir("/{name}")' for name in P.MOUNTED] + [""]
        lines += [script, "%files"] + list(self.file_lines())
        path = WORK / "specs" / f"{self.name}.spec"
        path.write_text("\n".join(lines) + "\n")
        return path

    def need(self, text, names):
        found = []
        for one in text.split("|"):
            match = re.match(r"\s*([a-z0-9+.-]+)(?::\w+)?\s*(?:\(([<>=]+)\s*([^)]+)\))?", one)
            if match and match[1] in names:
                name, (relation, version) = names[match[1]], (match[2], match[3])
                if name != self.name and relation in ("=", ">=", ">>") and name == match[1]:
                    sign = {"=": "=", ">=": ">=", ">>": ">"}[relation]
                    epoch, _, rest = version.rpartition(":")
                    upstream, _, release = rest.rpartition("-")
                    shown = f"{(upstream or release).replace('-', '.')}" + (f"-{release}" if upstream else "")
                    found.append(f"{name} {sign} {epoch + ':' if epoch else ''}{shown}")
                else:
                    found.append(name)
        found = list(dict.fromkeys(found))
        return None if not found else found[0] if len(found) == 1 else f"({' or '.join(found)})"


def main():
    debs = WORK / "debs"
    debs.mkdir()
    run("tar", "-xf", "/in/debs", "-C", str(debs), "--no-same-owner")
    with ThreadPoolExecutor() as pool:
        files = sorted(debs.rglob("*.deb"))
        found = {fields["Package"]: (str(deb), fields) for deb, fields in zip(files, pool.map(control, files))}
        for name in P.LEFT_OUT:
            found.pop(name, None)
        groups = {rpm: [deb for deb in list_ if deb in found] for rpm, list_ in P.MERGED.items()}
        merged = {deb for list_ in groups.values() for deb in list_}
        groups |= {name: [name] for name in found if name not in merged} | {name: [] for name in P.OWN}
        made = [Package(name, [found[deb] for deb in list_]) for name, list_ in sorted(groups.items()) if list_ or name in P.OWN]
        names = {deb: rpm for rpm, list_ in groups.items() for deb in list_}
        for package in made:
            for _, fields in package.debs:
                for one in fields.get("Provides", "").split(","):
                    if one.strip() and one.split()[0] not in names:
                        names[one.split()[0]] = package.name
        names |= {package.name: package.name for package in made}
        (WORK / "specs").mkdir()
        list(pool.map(Package.unpack, made))
        specs = [package.spec(names) for package in made]
        define = [("_topdir", "/work/rpmbuild"), ("_rpmdir", "/work/repository"), ("__os_install_post", "%{nil}"),
                  ("_build_id_links", "none"), ("debug_package", "%{nil}"), ("_binary_payload", "w9.zstdio"),
                  ("use_source_date_epoch_as_buildtime", "1"), ("_buildhost", "stand-in"),
                  ("__check_files", "%{nil}"), ("_unpackaged_files_terminate_build", "0"), ("vendor", "openSUSE")]
        options = [word for name, value in define for word in ("--define", f"{name} {value}")]
        list(pool.map(lambda spec: run("rpmbuild", "-bb", "--quiet", "--nodeps", "--target", f"{ARCH}-suse-linux", *options, str(spec)), specs))
    run("tar", "-cf", "/out/packages", "-C", "/work/repository", ".")
    print(f"{len(made)} packages")


main()
