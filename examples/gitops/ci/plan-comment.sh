#!/bin/sh
# Prints the comment for a pull request: what its manifests would do to the actors that are live.
#
#   plan-comment.sh CLASSES FOLDER...
#
# CLASSES is what `statekeep cohorts --digest` has written; each FOLDER is rendered by kustomize, as Flux and Argo CD render it.
# Ends as `statekeep plan` ends: 0, or 1 where a manifest would be refused, by its gate or otherwise.
set -eu
classes=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

count=0
for folder; do
  count=$((count + 1))
  kubectl kustomize "$folder" > "$work/$count.yaml"
done

code=0
statekeep plan "$work"/*.yaml --classes "$classes" > "$work/plan" 2>&1 || code=$?

echo "### What this does to live actors"
echo
case $code in
0) echo "Nothing here would be refused." ;;
1) echo "**As it stands this would be refused**, and nobody would move." ;;
*) echo "**The plan could not be made.**" ;;
esac
echo
echo '```text'
# The rendered files live in a folder that nobody has heard of.
sed "s|$work/||g" "$work/plan"
echo '```'
exit "$code"
