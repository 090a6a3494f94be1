#!/usr/bin/env bash
#
# The living demo: an invented Drenthe on this machine.
#
#   deploy/demo.sh [--port N] [--control-port N] [--dir DIR] [--store mongo]
#                  [--fresh] [--seed N] [--no-neighbours]
#   deploy/demo.sh --check [--store mongo] [--kills N [--dice N]] [--dir DIR] [--seed N]
#
# It builds the program and runs `naober demo` with the same arguments, until
# Ctrl-C; or with --check `naober check`, which plays the main story against a
# demo of its own, prints each step and fails at the first that does not go as
# told. --kills ends the server N times on the way, at moments that --dice
# draws again. Each checkout has a folder of its own for its demo, where --dir
# names none; --fresh begins it anew. It needs Go; --store mongo also needs what deploy/mongo.sh needs,
# or a server that NAOBER_MONGO_URI names. The server that mongo.sh starts for
# it, and so the demo in it, lasts as long as the demo runs.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/naober}
[[ $cache == /* ]] || cache=$PWD/$cache

die() {
	printf 'demo.sh: %s\n' "$*" >&2
	exit 1
}

# store_of prints the store that the arguments name, in either spelling.
store_of() {
	local previous='' argument store=''
	for argument in "$@"; do
		case $previous/$argument in
		*/--store=* | */-store=*) store=${argument#*=} ;;
		--store/* | -store/*) store=$argument ;;
		esac
		previous=$argument
	done
	printf '%s\n' "$store"
}

# names_dir tells whether the arguments name a folder, in either spelling.
names_dir() {
	local argument
	for argument in "$@"; do
		case $argument in
		--dir | -dir | --dir=* | -dir=*) return 0 ;;
		esac
	done
	return 1
}

command -v go >/dev/null || die "Go is missing: the demo needs Go 1.26 or newer"

# A place of its own for each checkout, so that two of them never swap programs, nor meet each other's data.
checkout=$(printf '%s' "$root" | cksum | cut -d ' ' -f 1)
build=$cache/build/$checkout
mkdir -p "$build"
printf 'demo.sh: building; the first time takes a minute or two\n' >&2
(cd "$root" && go build -o "$build/naober" ./api/cmd/naober) || die "the program does not build"

command=(demo)
for argument in "$@"; do
	[[ $argument != --check && $argument != -check ]] || command=(check)
done
for argument in "$@"; do
	[[ $argument == --check || $argument == -check ]] || command+=("$argument")
done

if [[ ${command[0]} == demo ]] && ! names_dir "$@"; then
	folder=$cache/demo-$checkout
	[[ -z $(store_of "$@") ]] || folder+=-mongo
	command+=(--dir "$folder")
fi

# exec: signals reach the program itself, and its end is ours.
if [[ $(store_of "$@") == mongo ]]; then
	exec "$here/mongo.sh" with -- "$build/naober" "${command[@]}"
fi
exec "$build/naober" "${command[@]}"
