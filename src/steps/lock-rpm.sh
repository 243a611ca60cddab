# Solves a set of rpm packages: /in/wish says what is asked for. Leaves /out/packages, the set, or /out/problem; see
# rpm-solve.py. Called again as `step.sh filelists` when a file is needed that only the repositories' file lists tell of.

if [ "${1-}" = filelists ]; then
  while read -r number priority name url; do
    repository_take filelists "$name" "$url" || true
  done </in/repositories
  exit 0
fi

while read -r number priority name url; do
  repository_open "$number" "$name" "$url"
  repository_take primary "$name" "$url" || repository_refused repository-unusable "$name" "has no list of packages"
done </in/repositories
python3 /in/rpm-solve.py
