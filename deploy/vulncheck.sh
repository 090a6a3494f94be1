#!/usr/bin/env bash
#
# Looks for known vulnerabilities that the service can reach, without asking anybody.
#
#   deploy/vulncheck.sh FOLDER [PACKAGE...]
#
# FOLDER holds a vulnerability database of Go in the OSV form: index/db.json, index/modules.json and
# ID/GO-*.json, as the Go vulnerability database is laid out and as its archive unpacks. NAOBER_VULNDB
# stands for FOLDER where none is named. Without a PACKAGE it looks at all of them. govulncheck comes
# from the Go module proxy in a pinned version, once; looking itself takes nothing from the network.
#
# It ends with 0 where nothing is reached, 1 where something is, and 2 where it could not look. What
# stands in a module that we use, but that none of our code reaches, is named and is no failure.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

readonly VERSION=v1.9.0
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/naober}
tool=$cache/bin/govulncheck-$VERSION

cannot() {
	echo "vulncheck.sh: $*" >&2
	exit 2
}

folder=${1:-${NAOBER_VULNDB:-}}
shift $(($# > 0))
[[ -n $folder ]] || cannot "no database: name its folder, or set NAOBER_VULNDB to it. Nothing was looked at"
# modules.json leads to the entries: without it everything would look clean.
for file in index/db.json index/modules.json; do
	[[ -s $folder/$file ]] || cannot "$folder is no vulnerability database: $file is missing"
done
folder=$(cd "$folder" && pwd) || cannot "$folder cannot be entered"

if [[ ! -x $tool ]]; then
	new=$(mktemp -d) || exit 2
	trap 'rm -rf "$new"' EXIT
	GOBIN=$new GOFLAGS='' go install "golang.org/x/vuln/cmd/govulncheck@$VERSION" || cannot "govulncheck $VERSION cannot be installed"
	mkdir -p "$(dirname "$tool")" && mv "$new/govulncheck" "$tool" || cannot "$tool cannot be written"
fi

# A URL has no room for some characters of a path.
url=
for ((i = 0; i < ${#folder}; i++)); do
	case ${folder:i:1} in
	[a-zA-Z0-9/._~-]) url+=${folder:i:1} ;;
	*) url+=$(printf '%s' "${folder:i:1}" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g') ;;
	esac
done
out=$(GOPROXY=off GOFLAGS=-mod=readonly GOTOOLCHAIN=local "$tool" -db "file://$url" "${@:-./...}" 2>&1)
status=$?
printf '%s\n' "$out"
((status != 3)) || exit 1 # govulncheck's own code for "found"
((status == 0)) || cannot "govulncheck ended with $status"
# A process that was cut off can end with 0 too.
grep -qE '^(No vulnerabilities found|Your code is affected by 0 vulnerabilities)' <<<"$out" || cannot "govulncheck came to no end"
