#!/bin/sh
# preflight.sh FOLDER...: run it in the build root, before kiwi-ng. Says in the first second what KIWI itself finds out when the
# root filesystem is packed already, an hour later: Command "vgs" not found in the environment.
# In the Open Build Service nothing of a package runs before its build root is there: `boardsmith obs check` looks at that.
set -eu
for folder; do
  # A systemdisk is a volume group, but for filesystems that have volumes themselves.
  grep -qs '<systemdisk' "$folder/config.xml" "$folder"/*.kiwi || continue
  if command -v vgs >/dev/null; then continue; fi
  echo "vgs not found in the build root: ${folder##*/} has volume groups, and the build root no lvm2"
  echo "add lvm2 to the packages of the build root; in the Open Build Service \"Required: lvm2\" to the project configuration"
  exit 1
done
