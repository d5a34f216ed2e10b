#!/bin/sh
# Make the environment in directory $1 with locked, hashed libraries, and install this project into it (editable, with
# its C extension). Needs a Python of 3.11 or newer; a C compiler is borrowed from PyPI where the machine has none.
set -eu
venv=$1
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
log=$venv.log

fail() {
  echo "setup: $1" >&2
  exit 1
}

find_python() {
  for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  fail "no Python 3.11 or newer was found: install one, or name it: make setup PYTHON=/path/to/python3"
}

# Whether nothing more can be written here. A step that left no output at all met the same obstacle.
disk_is_full() {
  if head -c 1000000 /dev/zero >"$venv.probe" 2>/dev/null; then
    rm -f "$venv.probe"
    return 1
  fi
  rm -f "$venv.probe"
}

# Run a step quietly; when it fails, say what it was for and show the end of what it printed.
step() {
  sentence=$1
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    if [ ! -s "$log" ] || disk_is_full || grep -qi 'no space left' "$log"; then
      sentence="the disk is full: free some space and run the same command again"
    elif grep -qiE 'failed to establish|name resolution|connection (refused|reset|timed out)|network is unreachable|timed out|ProxyError|from versions: none' "$log"; then
      sentence="the package index cannot be reached: check the network (or pip's index setting) and run it again"
    fi
    fail "$sentence"
  fi
  rm -f "$log"
}

works() { "$venv/bin/python" -c 'import pip' 2>/dev/null; }

# Two at once in one checkout would install over each other: the second waits for the first. The system lets the lock
# go with the process, however that ends.
take_turns() {
  exec 9>"$venv.lock"
  if command -v flock >/dev/null 2>&1 && ! flock -n 9; then
    echo "setup: another setup of $venv is under way; waiting for it"
    flock 9
  fi
}

# Libraries are installed anew only where the lock has changed.
install_libraries() {
  mark=$venv/.locked
  if ! cmp -s requirements/dev.txt "$mark"; then
    echo "setup: installing the locked libraries"
    step "the libraries of requirements/dev.txt could not be installed (see above)" \
      "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
      --only-binary :all: -r requirements/dev.txt
    cp requirements/dev.txt "$mark"
  fi
}

install_project() {
  echo "setup: installing statekeep with its C extension"
  CC=$(sh requirements/compiler.sh "$venv") || exit 1
  export CC
  step "statekeep's C extension could not be built with CC=$CC (see above)" \
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
}

take_turns
if ! works; then
  python=$(find_python) || exit 1
  rm -rf "$venv"
  echo "setup: making $venv with $("$python" --version)"
  step "Python's venv module does not work: install it (on Debian: the package python3-venv)" "$python" -m venv "$venv"
fi
install_libraries
install_project
