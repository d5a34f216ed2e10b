#!/bin/sh
# Build the image with docker, podman or buildah, whichever is there: tools/image.sh NAME[:TAG]
#
#   IMAGE_TOOL    the tool and its global options, where the choice is not to be left to this script
#   IMAGE_FLAGS   further options of its build command, as --platform linux/amd64,linux/arm64
#   PYTHON_IMAGE  another base, as python:3.11-slim@sha256:…
set -eu
cd "$(dirname "$0")/.."
name=${1:?usage: tools/image.sh NAME[:TAG]}

tool=${IMAGE_TOOL:-}
if [ -z "$tool" ]; then
  for candidate in docker podman buildah; do
    # A docker without its daemon builds nothing.
    if command -v "$candidate" >/dev/null 2>&1 && "$candidate" info >/dev/null 2>&1; then
      tool=$candidate
      break
    fi
  done
fi
if [ -z "$tool" ]; then
  echo "image: neither docker (with its daemon), podman nor buildah is here: install one of them" >&2
  exit 1
fi

# The time of the last commit is the time of everything in the image: two builds of a commit agree.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)

set -- -f Dockerfile \
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" \
  --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH"
if [ -n "${PYTHON_IMAGE:-}" ]; then
  set -- "$@" --build-arg "PYTHON_IMAGE=$PYTHON_IMAGE"
fi
# A list for several architectures is named by --manifest alone.
case ${IMAGE_FLAGS:-} in
*--manifest*) ;;
*) set -- "$@" -t "$name" ;;
esac
case ${tool%% *} in
*docker) set -- "$@" --provenance=false ;;
*) set -- "$@" --timestamp "$SOURCE_DATE_EPOCH" ;;
esac

echo "image: building $name with ${tool%% *}" >&2
# shellcheck disable=SC2086 - both hold several words
$tool build ${IMAGE_FLAGS:-} "$@" .
