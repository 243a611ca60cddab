# OpenPGP checks against the recipe's keys (/in/key-N) and nobody else's.

# trust_keys [PREFIX]: the keyring /work/trusted.gpg of the keys /in/key-*, or PREFIX*, their fingerprints in /work/trusted. Armor is taken off by
# hand and signatures are read by gpgv, because gpg itself wants an agent for its own keyring.
trust_keys() {
  export GNUPGHOME=/work/gnupg
  mkdir -p -m 700 $GNUPGHOME
  : >/work/trusted.gpg
  : >/work/trusted
  for key in "${1:-/in/key-}"*; do
    if grep -q -e '-----BEGIN PGP PUBLIC KEY BLOCK-----' "$key"; then
      gpg --batch --quiet --dearmor <"$key" >/work/key 2>/dev/null || :
    else
      cp "$key" /work/key
    fi
    gpg --batch --with-colons --show-keys /work/key 2>/dev/null |
      awk -F: '$1 == "fpr" && last == "pub" { print $10 } { last = $1 }' >/work/prints || :
    [ -s /work/prints ] || die "there is no OpenPGP public key in key file number $((${key##*-} + 1)) of the recipe's keys"
    cat /work/prints >>/work/trusted
    cat /work/key >>/work/trusted.gpg
  done
}

# verify SIGNATURE FILE: gpg's status lines on stdout, whatever the verdict.
verify() {
  gpgv --status-fd 1 --keyring /work/trusted.gpg "$1" "$2" 2>/dev/null || :
}

# signature_verdict STATUSFILE: "good", or what is wrong, from gpg's status lines (doc/DETAILS in GnuPG's source).
signature_verdict() {
  if grep -qE '^\[GNUPG:\] (GOODSIG|EXPKEYSIG)' "$1" && grep -q '^\[GNUPG:\] VALIDSIG' "$1"; then
    echo good
  elif grep -q '^\[GNUPG:\] BADSIG' "$1"; then
    echo "has a bad signature by key $(status_word BADSIG 3 "$1"): what was signed was something else"
  elif grep -q '^\[GNUPG:\] REVKEYSIG' "$1"; then
    echo "is signed by key $(status_word REVKEYSIG 3 "$1"), which was revoked"
  elif grep -q '^\[GNUPG:\] ERRSIG' "$1"; then
    echo "is signed by key $(status_word ERRSIG 3 "$1"), which is none of the recipe's keys ($(paste -sd ' ' /work/trusted | sed 's/ /, /g'))"
  else
    echo "carries no signature"
  fi
}

# signature_key STATUSFILE: fingerprint of the key that made it.
signature_key() {
  status_word VALIDSIG 3 "$1"
}

status_word() {
  awk -v word="$1" -v n="$2" '$1 == "[GNUPG:]" && $2 == word { print $n; exit }' "$3"
}
