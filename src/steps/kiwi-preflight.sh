# Run before kiwi-ng, in the build root that it will run in: what is missing is said in the first second. KIWI itself asks for
# vgs when the root filesystem is packed already, an hour later: Command "vgs" not found in the environment.

# kiwi_preflight LVM: `true` where the image has volume groups.
kiwi_preflight() {
  [ "$1" = true ] || return 0
  if command -v vgs >/dev/null; then return 0; fi
  diagnostic error no-vgs "vgs not found in the build root: the image has volume groups, and the build root no lvm2" "" 0 0 0 "" \
    "add lvm2: to the packages of this build root, or in the Open Build Service \"Required: lvm2\" to the project configuration (boardsmith obs export writes it, obs check proves it)"
  exit 1
}
