#!/usr/bin/env bash
#
# Schemathesis against a demo of its own.
#
#   deploy/schemathesis.sh install
#   deploy/schemathesis.sh [--store mongo] [--parts a,b] [--seed N] [--examples N] [--walks N] [--steps N]
#
# install puts the tool into the cache; it needs Python 3.10 or newer. A run starts a demo without
# neighbours on a free port and an empty folder, at ten in the morning, and ends it.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/naober}
version=4.32.5
venv=$cache/schemathesis-$version

install() {
	[[ -x $venv/bin/st ]] && return
	command -v python3 >/dev/null || { echo "Python 3.10 or newer is needed" >&2; return 1; }
	rm -rf "$venv"
	python3 -m venv "$venv" && "$venv/bin/pip" install --quiet "schemathesis==$version" pyyaml || { rm -rf "$venv"; return 1; }
}

install
[[ ${1:-} != install ]] || exit 0

demo=() rest=()
while (($#)); do
	case $1 in
	--store) demo+=(--store "$2") && shift ;;
	*) rest+=("$1") ;;
	esac
	shift
done

work=$(mktemp -d)
pid=''
finish() {
	[[ -z $pid ]] || { kill "$pid" && wait "$pid" || true; }
	rm -rf "$work"
}
trap finish EXIT
"$here/demo.sh" --no-neighbours --port 0 --dir "$work/demo" ${demo[@]+"${demo[@]}"} >"$work/out" 2>"$work/err" &
pid=$!
for ((i = 0; i < 1200; i++)); do
	grep -q '^ready' "$work/out" && break
	kill -0 "$pid" 2>/dev/null || { cat "$work/out" "$work/err" >&2; exit 1; }
	sleep 0.25
done
address() { awk -v name="$1" '$1 == name {print $2}' "$work/out"; }
"$venv/bin/python" "$here/schemathesis/run.py" --control "$(address control)" --api "$(address API)" --spec "$root/mobile-contract/openapi.yaml" \
	--st "$venv/bin/st" --work "$work" ${rest[@]+"${rest[@]}"}
