#!/bin/sh
# The chart and the image on a cluster with nodes: a kind cluster where Docker and kind are, else the one that is given.
#
#   E2E_KUBECONFIG    a cluster that is given; the tests make and remove the namespaces statekeep-system and lending there
#   E2E_IMAGE         the image, which that cluster must have or be able to pull
#   E2E_OLD_IMAGE     the image of chart 0.1.0 (tests/golden/chart), to upgrade from; default: E2E_IMAGE
#   E2E_VALKEY_IMAGE  a Valkey, where the chart's own cannot be pulled; tests/e2e/valkey makes one
#   E2E_KEEP          set: leave the release there at the end, to look at it
#   E2E_KILL_SECONDS  how long pods are killed (120)
#
# First a release from its installation to its end (tests/e2e), then the operator's own tests against the same cluster:
# all but those that need an API server of their own, which they call back, audit or kill.
set -eu
cd "$(dirname "$0")/.."
pytest=${PYTEST:-.venv/bin/pytest}

tested() {
  "$pytest" -x -v tests/e2e "$@"
  if [ -z "${E2E_KEEP:-}" ]; then
    "$pytest" -q tests/integration/operator/test_stories.py tests/integration/operator/test_life.py \
      tests/integration/operator/test_kinds.py tests/integration/operator/test_brakes.py "$@"
  fi
}

if [ -n "${E2E_KUBECONFIG:-}" ]; then
  if [ -z "${E2E_IMAGE:-}" ]; then
    echo "e2e: E2E_KUBECONFIG is set and E2E_IMAGE is not: name an image that the cluster has" >&2
    exit 1
  fi
  tested "$@"
  exit
fi

if ! docker info >/dev/null 2>&1 || ! command -v kind >/dev/null 2>&1; then
  echo "e2e: Docker and kind are needed; or name a cluster: E2E_KUBECONFIG=… E2E_IMAGE=… make e2e" >&2
  exit 1
fi

name=statekeep-e2e
kubeconfig=$(mktemp)
trap 'kind delete cluster --name $name >/dev/null 2>&1; rm -f "$kubeconfig"' EXIT
sh tools/image.sh statekeep:e2e
kind create cluster --name $name --kubeconfig "$kubeconfig" --wait 120s
kind load docker-image statekeep:e2e --name $name
export E2E_KUBECONFIG="$kubeconfig" E2E_IMAGE=statekeep:e2e
tested "$@"
