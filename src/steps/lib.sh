# What every step's shell body stands on. POSIX sh and the base system's tools only: each tool image has those.
# Inputs lie at /in/NAME (read-only), outputs go to /out/NAME, /work is empty and writable.

say() { printf '%s\n' "$*"; }

# Ends the step: what is wrong, and on further lines where and what to do.
die() {
  printf 'error: %s\n' "$@" >&2
  exit 1
}

# diagnostic SEVERITY CODE MESSAGE [FILE LINE COLUMN LENGTH TEXT [HELP]]
# One mistake as a line that boardsmith reads back as a Diagnostic and shows with a squiggle.
diagnostic() {
  D_SEVERITY=$1 D_CODE=$2 D_MESSAGE=$3 D_FILE=${4-} D_LINE=${5-} D_COLUMN=${6-} D_LENGTH=${7-} D_TEXT=${8-} D_HELP=${9-} \
    awk 'function quote(text,   i, c, out) {
        out = ""
        for (i = 1; i <= length(text); i++) {
          c = substr(text, i, 1)
          if (c == "\"" || c == "\\") out = out "\\" c
          else if (c == "\n") out = out "\\n"
          else if (c == "\t") out = out "\\t"
          else if (c < " ") out = out " "
          else out = out c
        }
        return "\"" out "\""
      }
      BEGIN {
        line = "{\"severity\":" quote(ENVIRON["D_SEVERITY"]) ",\"code\":" quote(ENVIRON["D_CODE"])
        line = line ",\"message\":" quote(ENVIRON["D_MESSAGE"])
        if (ENVIRON["D_FILE"] != "")
          line = line ",\"at\":{\"file\":" quote(ENVIRON["D_FILE"]) ",\"line\":" (ENVIRON["D_LINE"] + 0) \
            ",\"column\":" (ENVIRON["D_COLUMN"] + 0) ",\"length\":" (ENVIRON["D_LENGTH"] + 0) \
            ",\"text\":" quote(ENVIRON["D_TEXT"]) "}"
        if (ENVIRON["D_HELP"] != "") line = line ",\"help\":" quote(ENVIRON["D_HELP"])
        print "@@diagnostic " line "}"
      }'
}

# unpack_source FILE FORMAT DIR
# tree: a tar of the tree itself; archive: an upstream tarball, its one leading folder dropped;
# debian: a tar of a Debian source package's files, its patches applied; file: a tarball kept under any name.
unpack_source() {
  [ -f "$1" ] || die "no source at $1"
  mkdir -p "$3"
  case $2 in
    tree) tar -xf "$1" -C "$3" --no-same-owner ;;
    archive | file) unpack_archive "$1" "$3" ;;
    debian) unpack_debian "$1" "$3" ;;
    *) die "no such source format: $2" ;;
  esac
}

# Unpacks beside the target first: only then is it known whether there is one leading folder to drop.
unpack_archive() {
  rm -rf "$2.unpack"
  mkdir -p "$2" "$2.unpack"
  tar -xf "$1" -C "$2.unpack" --no-same-owner || die "$1 is not a tar archive (gz, xz, bz2 and zst are known)"
  top=$(ls -A "$2.unpack")
  if [ "$(printf '%s\n' "$top" | wc -l)" -ne 1 ] || [ ! -d "$2.unpack/$top" ] || [ -L "$2.unpack/$top" ]; then top=.; fi
  if rmdir "$2" 2>/dev/null; then
    mv "$2.unpack/$top" "$2" 2>/dev/null || mv "$2.unpack" "$2"
  else
    cp -a "$2.unpack/$top/." "$2/"
  fi
  rm -rf "$2.unpack"
}

# Debian source formats 3.0 (quilt), 3.0 (native) and 1.0, see dpkg-source(1). The .dsc is not needed: the lock holds the digests.
unpack_debian() {
  rm -rf "$2.files"
  mkdir -p "$2.files"
  tar -xf "$1" -C "$2.files" --no-same-owner
  find "$2.files" -type f ! -name '*.asc' ! -name '*.dsc' >"$2.files/list"
  orig=$(grep -E '\.orig\.tar\.[a-z0-9]+$' "$2.files/list" || true)
  if [ -n "$orig" ]; then
    unpack_archive "$orig" "$2"
    grep -E '\.orig-[A-Za-z0-9-]+\.tar\.[a-z0-9]+$' "$2.files/list" | while read -r part; do
      name=${part##*.orig-}
      unpack_archive "$part" "$2/${name%.tar.*}"
    done
    packaging=$(grep -E '\.debian\.tar\.[a-z0-9]+$' "$2.files/list" || true)
    diff=$(grep -E '\.diff\.gz$' "$2.files/list" || true)
    if [ -n "$packaging" ]; then
      rm -rf "$2/debian"
      tar -xf "$packaging" -C "$2" --no-same-owner
    elif [ -n "$diff" ]; then
      gzip -dc "$diff" >"$2.files/debian.diff"
      apply_patch "$2" "$2.files/debian.diff" "${diff##*/}"
    fi
    [ ! -f "$2/debian/patches/series" ] || apply_patches "$2" "$2/debian/patches" debian/patches
  else
    native=$(grep -E '\.tar\.[a-z0-9]+$' "$2.files/list" || true)
    [ -n "$native" ] || die "$1 holds no Debian source package (no .orig.tar.* and no native .tar.*)"
    unpack_archive "$native" "$2"
  fi
  rm -rf "$2.files"
}

# apply_patches DIR SERIESDIR [SHOWN]
# Applies what SERIESDIR/series lists (as quilt reads it: # comments, -pN), or every *.patch and *.diff in name order.
apply_patches() {
  series=$(mktemp)
  if [ -f "$2/series" ]; then
    sed -e 's/[[:space:]]*#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "$2/series" >"$series"
  else
    (cd "$2" && find . -type f \( -name '*.patch' -o -name '*.diff' \) | sed 's|^\./||' | LC_ALL=C sort) >"$series"
  fi
  count=0
  while read -r patch level; do
    [ -f "$2/$patch" ] || die "patch series ${3:-$2}/series lists $patch, which is not there"
    apply_patch "$1" "$2/$patch" "${3:-$2}/$patch" "${level:--p1}"
    count=$((count + 1))
  done <"$series"
  rm -f "$series"
  say "patches: $count of ${3:-$2} applied"
}

# apply_patch DIR FILE SHOWN [-pN]
# No fuzz: a hunk whose surroundings changed may land in the wrong place, so it stops the build instead.
apply_patch() {
  log=$(mktemp)
  if patch -d "$1" "${4:--p1}" -F0 --batch --forward --no-backup-if-mismatch -i "$2" >"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  explain_patch "$1" "$2" "$3" "${4:--p1}" "$log" >&2
  rm -f "$log"
  exit 1
}

# Turns what patch(1) said into: which hunk of which file, why, and what was rejected.
explain_patch() {
  awk '
    # Fields are parted by a character that is no white space, for read to keep the empty ones.
    function found(hunk, where, line, what) {
      print hunk "\037" target "\037" where "\037" line + 0 "\037" text[line] "\037" what
      any = 1
    }
    NR == FNR {
      # Line of each hunk in the patch file, by order of file and of hunk.
      if (/^\+\+\+ / && last ~ /^--- /) { files++; hunks = 0 }
      else if (/^@@ /) at[files "," ++hunks] = FNR
      text[FNR] = last = $0
      next
    }
    /^(patching|checking) file / {
      target = $0
      sub(/^[a-z]+ file /, "", target); sub(/ \(.*/, "", target); gsub(/^\047|\047$/, "", target)
      n++
    }
    /^Hunk #[0-9]+ FAILED at / {
      hunk = substr($2, 2) + 0; where = $5; sub(/\.$/, "", where)
      found(hunk, where, at[n "," hunk], "does not apply")
    }
    /^can.t find file to patch/ { n++; missing = 1 }
    missing && /^\|\+\+\+ / {
      target = $2; sub(/^[^\/]*\//, "", target)
      found(1, "", at[n ",1"], "is for a file that is not there"); missing = 0
    }
    /previously applied\) patch detected/ { found(1, "", at[n ",1"], "is already in the source") }
    /git binary diffs are not supported/ { target = $2; found("", "", 1, "is a binary patch, which patch(1) cannot apply") }
    /malformed patch at line/ {
      match($0, /line [0-9]+/); line = substr($0, RSTART + 5, RLENGTH - 5)
      target = ""; found("", "", line, "is malformed at line " line)
    }
    /Only garbage was found/ { target = ""; found("", "", 1, "holds no patch") }
    END { if (!any) { target = ""; found("", "", 1, "does not apply") } }
  ' "$2" "$5" >"$5.found"
  help="make it fit this source, or leave it out"
  if patch -d "$1" "$4" -F3 --dry-run --batch --forward -i "$2" >/dev/null 2>&1; then
    help="it would fit with fuzz: refresh it against this source"
  fi
  cat "$5"
  while IFS="$(printf '\037')" read -r hunk target where line text what; do
    case $hunk in
      '') message="patch $3${target:+ ($target)} $what" ;;
      *) message="patch $3: hunk $hunk of $target${where:+ (line $where)} $what" ;;
    esac
    say "$message"
    # It holds all of a file's rejects, and is shown with the first of them.
    if [ -f "$1/$target.rej" ]; then
      sed 's/^/    /' "$1/$target.rej"
      rm -f "$1/$target.rej"
    fi
    case $what in *already*) hint="leave it out: this source has it" ;; *) hint=$help ;; esac
    diagnostic error patch-failed "$message" "$3" "$line" 1 "${#text}" "$text" "$hint"
  done <"$5.found"
  rm -f "$5.found"
}

# pack_tar OUT DIR: the same tree gives the same bytes, whatever order, owners and times it has here.
# Names have no leading "./", and the folder itself is no member: it would set the mode of wherever the tar is unpacked.
pack_tar() {
  (cd "$2" && find . -mindepth 1 -printf '%P\0' | LC_ALL=C sort -z) |
    tar -cf "$1" -C "$2" --null --no-recursion -T - --mtime="@${SOURCE_DATE_EPOCH:?}" --owner=0 --group=0 --numeric-owner \
      --format=posix --pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f
}
