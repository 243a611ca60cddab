#!/bin/bash
# mk802-opensuse-lvm: what the packages do not say of this system. Written by boardsmith.
set -e
echo mk802 >/etc/hostname
systemctl enable sshd.service systemd-resolved.service systemd-timesyncd.service
# The first boot makes these anew.
rm -f /etc/ssh/ssh_host_* /var/lib/systemd/random-seed
: >/etc/machine-id
