#!/bin/bash
# cubieboard-opensuse-jeos: what the packages do not say of this system. Written by boardsmith.
set -e
echo cubieboard >/etc/hostname
mkdir -p /etc/systemd/network
cat >/etc/systemd/network/10-eth0.link <<'END'
[Match]
OriginalName=eth0

[Link]
NamePolicy=kernel
END
cat >/etc/systemd/network/10-eth0.network <<'END'
[Match]
Name=eth0

[Network]
DHCP=yes
END
systemctl enable systemd-networkd.service sshd.service systemd-resolved.service systemd-timesyncd.service
mkdir -p /var/lib/YaST2
: >/var/lib/YaST2/reconfig_system
systemctl enable jeos-firstboot.service
cat >>/etc/jeos-firstboot.conf <<'END'
JEOS_TIMEZONE='UTC'
END
systemctl mask systemd-firstboot.service
# The first boot makes these anew.
rm -f /etc/ssh/ssh_host_* /var/lib/systemd/random-seed
: >/etc/machine-id
