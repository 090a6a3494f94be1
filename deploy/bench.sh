#!/usr/bin/env bash
#
# Measures the service beside its own drivers, on this machine.
#
#   deploy/bench.sh api [--store sqlite|mongo] [--clients N] [--rounds N]
#                       [--calls N] [--villages N,N] [--profiles DIR] [--json]
#
# api    create-request, accept, list and candidates over HTTP, in turns with a
#        bare Fiber route that gives the same bytes and a bare driver call that
#        writes the same document; then what a call allocates in villages of
#        several sizes. Without --store on both: the embedded one, and the server
#        that NAOBER_MONGO_URI names or deploy/mongo.sh starts, waiting for the
#        disk. Whatever it starts it also ends.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/naober}
[[ $cache == /* ]] || cache=$PWD/$cache

usage() {
	sed -n '/^#   deploy/,/^#$/s/^#   //p' "$0" >&2
	exit 2
}

[[ ${1:-} == api ]] || usage
shift
store='' arguments=()
while (($# > 0)); do
	case $1 in
	--store)
		(($# > 1)) || usage
		store=$2
		shift
		;;
	--store=*) store=${1#*=} ;;
	*) arguments+=("$1") ;;
	esac
	shift
done

command -v go >/dev/null || { echo "bench.sh: Go is missing" >&2; exit 1; }
build=$cache/build/$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)
mkdir -p "$build"
(cd "$root" && go build -o "$build/naober" ./api/cmd/naober)

run() { "$@" "$build/naober" bench api --store "$on" "${arguments[@]}"; }
for on in ${store:-sqlite mongo}; do
	case $on in
	sqlite) run env ;;
	mongo) run "$here/mongo.sh" with --durable -- ;;
	*) usage ;;
	esac
done
