# Checks the detached signature /in/signature of /in/file, or of what /in/file holds compressed (kernel.org signs the bare .tar).
# Leaves its verdict in /out/verdict: "good KEY", or what is wrong.
trust_keys
verify /in/signature /in/file >/work/verify
verdict=$(signature_verdict /work/verify)
if [ "$verdict" != good ]; then
  case $(od -An -N6 -tx1 /in/file | tr -d ' \n') in
    1f8b*) unpack="gzip -dc" ;;
    fd377a585a00) unpack="xz -dc" ;;
    28b52ffd*) unpack="zstd -dcq" ;;
    425a68*) unpack="bzip2 -dc" ;;
    *) unpack= ;;
  esac
  if [ -n "$unpack" ]; then
    $unpack </in/file | verify /in/signature - >/work/verify
    verdict=$(signature_verdict /work/verify)
  fi
fi
[ "$verdict" != good ] || verdict="good $(signature_key /work/verify)"
echo "$verdict" >/out/verdict
