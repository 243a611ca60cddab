# Writes each filesystem straight into the sparse image at /image/image, at its partition's offset.
# /in/parts has a line for each: ext4 OFFSET SIZE CONTENT UUID HASH_SEED INODES JOURNAL_MIB LABEL
#                            or fat32 OFFSET SIZE CONTENT VOLUME_ID SECTORS_PER_CLUSTER LABEL
# CONTENT is /in/boot, /in/rootfs, /in/provision or none. Nothing is mounted: mke2fs takes a tar, mtools write to a FAT in a file.

image=/image/$IMAGE_FILE
export TZ=UTC MTOOLS_SKIP_CHECK=1
# No tool of these need wait for the disk: the image is flushed once, while its bytes are hashed.
export LD_PRELOAD=libeatmydata.so

# Only features that a kernel of the last ten years mounts and a boot loader reads; times and ids are given, so that
# the same content makes the same bytes. The journal and inode tables are zeros, and `discard` lets mke2fs know that they
# are holes already.
make_ext4() {
  offset=$1 size=$2 content=$3 uuid=$4 seed=$5 inodes=$6 journal=$7 label=$8
  set -- -q -F -t ext4 -b 4096 -I 256 -N "$inodes" -m 1 -J "size=$journal" -U "$uuid" -L "$label" \
    -O none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,64bit,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize,metadata_csum \
    -E "offset=$offset,hash_seed=$seed,root_owner=0:0,lazy_itable_init=0,lazy_journal_init=1,discard"
  if [ "$content" != none ]; then set -- "$@" -d "$content"; fi
  mke2fs "$@" "$image" "$((size / 1024))k" || die "mke2fs could not make the filesystem \"$label\" of $((size / 1048576)) MiB (see above)"
}

make_fat32() {
  offset=$1 size=$2 content=$3 volume=$4 cluster=$5 label=$6
  mkfs.fat -F 32 -S 512 -R 32 -f 2 -a -s "$cluster" -h "$((offset / 512))" -i "$volume" -n "$label" \
    --offset="$((offset / 512))" "$image" "$((size / 1024))" >"/work/$offset.log" 2>&1 || { cat "/work/$offset.log"; die "mkfs.fat failed"; }
  if [ "$content" = none ]; then return; fi
  mkdir "/work/$offset"
  cd "/work/$offset"
  tar -xf "$content" --no-same-owner
  find . -mindepth 1 -type d | LC_ALL=C sort | while read -r path; do
    mmd -i "$image@@$offset" "::${path#.}" || die "mmd ${path#.} failed"
  done
  find . -type f | LC_ALL=C sort | while read -r path; do
    mcopy -m -i "$image@@$offset" "$path" "::${path#.}" || die "mcopy ${path#.} failed"
  done
  cd /
}

jobs=
while read -r kind arguments; do
  # A label may have spaces and comes last; the fields before it have none.
  # shellcheck disable=SC2086
  set -f; set -- $arguments; set +f
  case $kind in
    ext4) fields=7 ;;
    fat32) fields=5 ;;
    *) die "no such filesystem: $kind" ;;
  esac
  label=$(printf '%s\n' "$arguments" | cut -d' ' -f$((fields + 1))-)
  if [ "$kind" = ext4 ]; then
    make_ext4 "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$label" &
  else
    make_fat32 "$1" "$2" "$3" "$4" "$5" "$label" &
  fi
  jobs="$jobs $!"
done </in/parts
failed=0
for job in $jobs; do wait "$job" || failed=1; done
exit "$failed"
