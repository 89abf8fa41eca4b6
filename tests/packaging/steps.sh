# The first lines of every script of a throw-away machine.
set -u
# is WHAT GOT WANTED
is() {
  if [ "$2" = "$3" ]; then echo "ok $1"; else
    echo "FAIL $1: got \`$2\`, wanted \`$3\`"
    journalctl --no-pager -n 40 -o cat 2>/dev/null
    exit 1
  fi
}
# holds WHAT COMMAND…
holds() {
  local what=$1
  shift
  if "$@" >/tmp/step 2>&1; then echo "ok $what"; else
    echo "FAIL $what: $*"
    cat /tmp/step
    journalctl --no-pager -n 40 -o cat 2>/dev/null
    exit 1
  fi
}
