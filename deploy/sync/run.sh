#!/usr/bin/env bash
#
# Puts the synchronisation beside PouchDB and RxDB, and on a slow network: see deploy/bench.sh sync.
#
# Needs Go and Node 20 with npm. The peers and our client are installed and built in the cache, from the lock files.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/naober}
[[ $cache == /* ]] || cache=$PWD/$cache
build=$cache/build/$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)

die() {
	echo "bench.sh: $*" >&2
	exit 1
}
command -v go >/dev/null || die "Go is missing"
command -v npm >/dev/null || die "Node 20 with npm is missing"

# copy FOLDER brings one into the cache, and leaves what was installed there before.
copy() {
	mkdir -p "$build/sync/$1"
	(cd "$root/$1" && tar -c --exclude=node_modules --exclude=build --exclude=generated .) | tar -x -C "$build/sync/$1"
}

# installed FOLDER installs what its lock names, where that has changed.
installed() {
	(cd "$build/sync/$1" && { cmp -s package-lock.json node_modules/lock || { npm ci --no-audit --no-fund --loglevel=error >&2 && cp package-lock.json node_modules/lock; }; })
}

mkdir -p "$build/sync"
(cd "$root" && go build -o "$build/naober" ./api/cmd/naober)
copy mobile-contract/app
copy deploy/sync
cp "$root/mobile-contract/openapi.yaml" "$root/mobile-contract/sync.md" "$build/sync/mobile-contract/"
installed mobile-contract/app
installed deploy/sync
(cd "$build/sync/mobile-contract/app" && npm run --silent generate >&2 && npx tsc --project tsconfig.json)

NAOBER=$build/naober NAOBER_APP=$build/sync/mobile-contract/app/build exec node "$build/sync/deploy/sync/main.mjs" "$@"
