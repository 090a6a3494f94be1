#!/usr/bin/env bash
#
# Measures the service beside its own drivers, and the matcher and the synchronisation beside what others use, on this
# machine.
#
#   deploy/bench.sh api [--store sqlite|mongo] [--clients N] [--rounds N]
#                       [--calls N] [--villages N,N] [--profiles DIR] [--json]
#   deploy/bench.sh match [--quick] [--n N,N] [--rounds N] [--only s1,b2]
#                         [--first-seed S] [--json]
#   deploy/bench.sh sync [--only peers|week] [--docs N] [--rounds N] [--seeds N]
#                        [--first-seed S] [--json]
#
# api    create-request, accept, list and candidates over HTTP, in turns with a
#        bare Fiber route that gives the same bytes and a bare driver call that
#        writes the same document; then what a call allocates in villages of
#        several sizes. Without --store on both: the embedded one, and the server
#        that NAOBER_MONGO_URI names or deploy/mongo.sh starts, waiting for the
#        disk. Whatever it starts it also ends.
# match  the index beside an R-tree, Redis and PostGIS in one region with the same
#        questions, assignments beside SciPy, a day assigned together beside LEMON,
#        days of rides beside their optima, one ride more beside trying every place;
#        in turns, by rounds. About a quarter of an hour and 6 GB of memory on a
#        quiet machine, two minutes with --quick. Installs the peers where missing.
# sync   our client for browsers with the service on its embedded store, beside PouchDB with
#        a server of its own and RxDB with its HTTP replication, on the same documents in
#        turns: bytes and requests on the connection, time, and what is lost or doubled
#        while requests and answers are cut off by one schedule. Then weeks of a person on a
#        link of 2G, which a proxy models (deploy/sync/link.mjs says how). What one process
#        does alone, on both stores, is `naober bench sync`.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/naober}
[[ $cache == /* ]] || cache=$PWD/$cache

usage() {
	sed -n '/^#   deploy/,/^#$/s/^#   //p' "$0" >&2
	exit 2
}

if [[ ${1:-} == match ]]; then
	shift
	exec "$here/peers/run.sh" "$@"
fi
if [[ ${1:-} == sync ]]; then
	shift
	exec "$here/sync/run.sh" "$@"
fi
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
