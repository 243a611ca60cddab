"""Which Debian packages a stand-in's rpm is made of, under openSUSE's names, and what openSUSE's carry that Debian's do not."""

# rpm: its debs. A deb that is named nowhere becomes an rpm of its own name.
MERGED = {
    "glibc": ["libc6", "libc-bin"],
    "bash": ["bash"],
    "shadow": ["passwd", "login.defs"],
    "util-linux": ["util-linux", "mount", "bsdutils", "fdisk", "login"],
    "openssh": ["openssh-client", "openssh-server", "openssh-sftp-server"],
    "dbus-1": ["dbus", "dbus-bin", "dbus-daemon", "dbus-system-bus-common", "dbus-session-bus-common"],
    "systemd": ["systemd", "systemd-sysv", "systemd-timesyncd"],
    "device-mapper": ["dmsetup"],
    "lvm2": ["lvm2", "dmeventd"],
    "pam": ["libpam-modules", "libpam-modules-bin", "libpam-runtime"],
    "iputils": ["iputils-ping"],
    "ncurses-utils": ["ncurses-bin"],
    "terminfo-base": ["ncurses-base"],
    "procps": ["procps"],
    "rpm": ["rpm", "rpm-common"],
}

# What Debian needs to manage itself.
LEFT_OUT = """
adduser apt base-files base-passwd dash debconf debian-archive-keyring debianutils dpkg init-system-helpers libapt-pkg7.0
libdebconfclient0 libtext-charwidth-perl libtext-wrapi18n-perl perl-base runit-helper sensible-utils sqv ucf cpp gcc make
perl perl-modules-5.40 libperl5.40 lsb-base sysvinit-utils libc6-dev libmime-charset-perl fontconfig-config
""".split()

# Names that openSUSE's packages answer to besides.
ALSO = {
    "bash": ["/bin/sh", "/bin/bash"],
    "systemd": ["systemd-networkd", "systemd-network"],
    "shadow": ["login_defs"],
    "glibc": ["glibc-locale-base"],
}

FILES = {
    "filesystem": {
        "etc/passwd": (0o644, "root", """root:x:0:0:root:/root:/bin/bash
bin:x:1:1:bin:/bin:/usr/sbin/nologin
daemon:x:2:2:Daemon:/sbin:/usr/sbin/nologin
messagebus:x:499:499:User for D-Bus:/run/dbus:/usr/sbin/nologin
sshd:x:498:65534:SSH daemon:/var/lib/sshd:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/var/lib/nobody:/bin/bash
"""),
        "etc/group": (0o644, "root", """root:x:0:
bin:x:1:daemon
daemon:x:2:
tty:x:5:
disk:x:6:
kmem:x:9:
wheel:x:10:
shadow:x:15:
dialout:x:16:
audio:x:17:
utmp:x:22:
video:x:33:
sudo:x:27:
systemd-journal:x:490:
_ssh:x:497:
users:x:100:
messagebus:x:499:
nogroup:x:65533:
nobody:x:65534:
"""),
        "etc/shells": (0o644, "root", "/bin/sh\n/bin/bash\n"),
        "etc/fstab": (0o644, "root", ""),
    },
    "aaa_base": {
        "etc/profile": (0o644, "root", "export PATH=/usr/sbin:/usr/bin:/sbin:/bin\nexport PS1='\\h:\\w # '\numask 022\n"),
        "etc/hosts": (0o644, "root", "127.0.0.1\tlocalhost\n::1\tlocalhost ipv6-localhost ipv6-loopback\n"),
        "etc/shadow": (0o640, "shadow", "".join(
            f"{name}:*:18000::::::\n" for name in ("root", "bin", "daemon", "messagebus", "sshd", "nobody"))),
        "etc/sysctl.conf": (0o644, "root", ""),
    },
    "openSUSE-release": {
        "usr/lib/os-release": (0o644, "root", """NAME="openSUSE Tumbleweed"
ID="opensuse-tumbleweed"
ID_LIKE="opensuse suse"
VERSION_ID="20250101"
PRETTY_NAME="openSUSE Tumbleweed"
"""),
        "etc/issue": (0o644, "root", "\\S - Kernel \\r (\\l)\n\n"),
    },
    "pam": {
        "etc/pam.d/common-auth": (0o644, "root", "auth\trequired\tpam_env.so\nauth\trequired\tpam_unix.so\ttry_first_pass\n"),
        "etc/pam.d/common-account": (0o644, "root", "account\trequired\tpam_unix.so\ttry_first_pass\n"),
        "etc/pam.d/common-password": (0o644, "root", "password\trequired\tpam_unix.so\tuse_authtok nullok shadow try_first_pass yescrypt\n".replace("use_authtok ", "")),
        "etc/pam.d/common-session": (0o644, "root", "session\toptional\tpam_systemd.so\nsession\trequired\tpam_limits.so\nsession\trequired\tpam_unix.so\ttry_first_pass\n"),
        "etc/pam.d/common-session-noninteractive": (0o644, "root", "session\trequired\tpam_unix.so\n"),
    },
    "glibc": {
        "etc/nsswitch.conf": (0o644, "root", "passwd: files\ngroup: files\nshadow: files\nhosts: files resolve [!UNAVAIL=return] dns\nnetworks: files\n"),
    },
    "rpm": {
        "usr/lib/rpm/macros.d/macros.suse": (0o644, "root", "%_dbpath /usr/lib/sysimage/rpm\n%_db_backend ndb\n"),
    },
}

LINKS = {
    "filesystem": {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib", "var/run": "/run", "var/lock": "/run/lock"},
    "openSUSE-release": {"etc/os-release": "../usr/lib/os-release"},
    "aaa_base": {"etc/mtab": "../proc/self/mounts"},
    "bash": {"usr/bin/sh": "bash"},
    "mawk": {"usr/bin/awk": "mawk"},
}

# Folders of the hierarchy, which belong to `filesystem` alone.
FOLDERS = """
boot:0755 dev:0755 etc:0755 etc/skel:0755 home:0755 mnt:0755 opt:0755 proc:0555 root:0700 run:0755 srv:0755 sys:0555 tmp:1777
usr:0755 usr/bin:0755 usr/lib:0755 usr/libexec:0755 usr/local:0755 usr/local/bin:0755 usr/local/sbin:0755 usr/sbin:0755
usr/share:0755 usr/share/doc:0755 usr/share/man:0755 usr/lib/systemd:0755 usr/lib/systemd/system:0755 usr/lib/sysusers.d:0755
usr/lib/tmpfiles.d:0755 etc/pam.d:0755 usr/lib/pam.d:0755 usr/lib/arm-linux-gnueabihf:0755 etc/systemd:0755
usr/lib/rpm:0755 usr/lib/rpm/macros.d:0755 usr/lib/sysimage:0755 usr/lib/sysimage/rpm:0755 etc/default:0755 etc/init.d:0755
var:0755 var/cache:0755 var/lib:0755 var/log:0755 var/spool:0755 var/tmp:1777 var/opt:0755 var/lib/nobody:0755 usr/share/locale:0755
usr/share/bash-completion:0755 usr/share/bash-completion/completions:0755 usr/share/lintian:0755 usr/share/lintian/overrides:0755
""".split()

# Where a kernel mounts something: not touched when something is there already.
MOUNTED = ["dev", "proc", "sys", "run"]

CAPS = {"usr/bin/ping": "cap_net_raw=ep"}

# Moved, because openSUSE calls it so.
RENAMED = {"usr/lib/systemd/system/ssh.service": "usr/lib/systemd/system/sshd.service"}

SCRIPTS = {
    "glibc": "%post -p /usr/sbin/ldconfig\n",
    "systemd": "%post\nsystemd-sysusers\nsystemd-tmpfiles --create --prefix=/var/log/journal || :\n",
    "systemd-resolved": "%post\nsystemd-sysusers\n",
    "shadow": "%post\nif [ ! -e /etc/gshadow ]; then grpconv; fi\n",
    "dbus-1": "%pre\n/usr/bin/getent passwd messagebus >/dev/null\n",
    "openssh": "%post\n[ -e /etc/ssh/sshd_config ] || cp /usr/share/openssh/sshd_config /etc/ssh/sshd_config\n",
}

REQUIRES = {
    "glibc": ["filesystem"],
    "bash": ["glibc"],
    "systemd": ["pam", "util-linux", "coreutils", "aaa_base"],
    "dbus-1": ["glibc"],
    "shadow": ["coreutils"],
    "openssh": ["coreutils", "bash"],
    "aaa_base": ["filesystem", "bash", "coreutils"],
    "openSUSE-release": ["filesystem"],
    "patterns-base-minimal_base": ["aaa_base", "bash", "coreutils", "filesystem", "glibc", "openSUSE-release", "rpm"],
}

RECOMMENDS = {"patterns-base-minimal_base": ["iputils"], "systemd": ["dbus-1"]}

# Packages without any deb.
OWN = {
    "filesystem": "Basic Directory Layout",
    "aaa_base": "openSUSE Base Package",
    "openSUSE-release": "openSUSE Tumbleweed",
    "patterns-base-minimal_base": "Minimal Appliance Base",
}
