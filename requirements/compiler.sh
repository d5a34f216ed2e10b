#!/bin/sh
# Print the C compiler to use: $CC, else cc, gcc or clang on the PATH, else Zig's from PyPI, kept in the cache.
set -eu
venv=$1
if [ -n "${CC:-}" ]; then
  echo "$CC"
  exit
fi
for candidate in cc gcc clang; do
  if command -v "$candidate" >/dev/null 2>&1; then
    echo "$candidate"
    exit
  fi
done
home=${XDG_CACHE_HOME:-$HOME/.cache}/statekeep/cc-$(cksum <requirements/cc.txt | cut -d' ' -f1)
if [ ! -x "$home/cc" ]; then
  echo "setup: no C compiler here; fetching Zig's, once" >&2
  rm -rf "$home.$$"
  if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
    --only-binary :all: --target "$home.$$" -r requirements/cc.txt >&2; then
    rm -rf "$home.$$"
    echo "setup: no C compiler, and none could be fetched: install gcc or clang, or check the network" >&2
    exit 1
  fi
  printf '#!/bin/sh\nZIG_GLOBAL_CACHE_DIR="%s/objects" exec "%s/ziglang/zig" cc "$@"\n' "$home" "$home" >"$home.$$/cc"
  chmod +x "$home.$$/cc"
  rm -rf "$home"
  mv "$home.$$" "$home"
fi
echo "$home/cc"
