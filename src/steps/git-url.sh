# join_url BASE URL: a submodule's relative URL (./x, ../x) as git resolves it against its repository's.
join_url() {
  base=${1%/} url=$2
  case $url in
    ./* | ../*) ;;
    *)
      echo "$url"
      return
      ;;
  esac
  while :; do
    case $url in
      ../*) url=${url#../} base=${base%/*} ;;
      ./*) url=${url#./} ;;
      *) break ;;
    esac
  done
  echo "$base/$url"
}
