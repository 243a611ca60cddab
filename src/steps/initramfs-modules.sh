# Takes the compression off kernel modules (/in/modules/NAME → /out/NAME): who loads them may know none. The kernel and
# depmod know gzip, xz and zstd (CONFIG_MODULE_COMPRESS_*).

for module in /in/modules/*; do
  plain=/out/${module##*/}
  case $(od -An -tx1 -N6 "$module" | tr -d ' \n') in
    1f8b*) gzip -dc <"$module" >"$plain" ;;
    fd377a585a00) xz -dc <"$module" >"$plain" ;;
    28b52ffd*) zstd -dcq <"$module" >"$plain" ;;
    *) cp "$module" "$plain" ;;
  esac || die "module ${module##*/} is damaged"
done
