# Asks git servers that do not speak HTTP (/in/refs: lines "NUMBER REF URL", REF may be "-"). Leaves /out/found: lines "NUMBER there",
# or "NUMBER gone WHY".

export GIT_TERMINAL_PROMPT=0 HOME=/work
: >/out/found
while read -r number ref url; do
  [ "$ref" != - ] || ref=
  if timeout "$PATIENCE" git ls-remote --exit-code "$url" ${ref:+"$ref"} >/work/refs 2>/work/err; then
    echo "$number there" >>/out/found
  else
    case $? in
      2) why="the repository has no ${ref#refs/*/}" ;;
      124) why="no answer within $PATIENCE s" ;;
      *) why=$(sed -n 's/^\(fatal\|error\|ssh\): //p' /work/err | head -n 1) ;;
    esac
    echo "$number gone ${why:-it cannot be reached}" >>/out/found
  fi
done </in/refs
