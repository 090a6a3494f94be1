#!/usr/bin/env bash
#
# Holds that deploy/vulncheck.sh finds what is there, by planted databases. Prints lines as go test does.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failed=0

# database FOLDER plants a database without entries.
database() {
	mkdir -p "$1/index" "$1/ID"
	echo '{"modified":"2026-01-01T00:00:00Z"}' >"$1/index/db.json"
	echo '[]' >"$1/index/modules.json"
	echo '[]' >"$1/index/vulns.json"
}

# entry FOLDER ID MODULE PACKAGE SYMBOL plants one that every version of the module has.
entry() {
	cat >"$1/ID/$2.json" <<JSON
{"schema_version":"1.3.1","id":"$2","published":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z",
 "summary":"planted in $5","details":"planted","database_specific":{"url":"https://vuln.example/$2"},"affected":[{"package":{"name":"$3","ecosystem":"Go"},
 "ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}],
 "ecosystem_specific":{"imports":[{"path":"$4","symbols":["$5"]}]}}]}
JSON
}

# try NAME STATUS WANTED COMMAND... holds how the command ends and that its output has a line like WANTED.
try() {
	local name=$1 want=$2 text=$3 out status=0
	shift 3
	out=$("$@" 2>&1) || status=$?
	if ((status == want)) && grep -qE -- "$text" <<<"$out"; then
		echo "--- PASS: vulncheck: $name"
	else
		failed=1
		printf -- '--- FAIL: vulncheck: %s: ended with %d, want %d, and a line like %s\n%s\n' "$name" "$status" "$want" "$text" "$out"
	fi
}

# flat runs a command and makes one line of what it says.
flat() {
	local out status=0
	out=$("$@" 2>&1) || status=$?
	tr '\n' ' ' <<<"$out"
	return "$status"
}

check=./deploy/vulncheck.sh
try 'without a database it says so' 2 'no database: name its folder' env -u NAOBER_VULNDB $check
try 'a folder without a database is none' 2 'index/db.json is missing' $check "$dir"
try 'a folder that is not there is none' 2 'index/db.json is missing' $check "$dir/absent"

database "$dir/an empty one"
try 'an empty database is clean, and may lie anywhere' 0 'No vulnerabilities found' $check "$dir/an empty one" ./matching/care
try 'a database may be named by the environment' 2 'absent is no vulnerability database' env NAOBER_VULNDB="$dir/absent" $check
try 'what does not compile was not looked at' 2 'govulncheck ended with' $check "$dir/an empty one" ./deploy/absent

database "$dir/unreached"
mongo=go.mongodb.org/mongo-driver
entry "$dir/unreached" GO-2026-9002 $mongo $mongo/mongo Client.ListDatabaseNames
echo '[{"path":"'$mongo'","vulns":[{"id":"GO-2026-9002","modified":"2026-01-01T00:00:00Z"}]}]' >"$dir/unreached/index/modules.json"
try 'what we never call is no failure' 0 'Your code is affected by 0 vulnerabilities|No vulnerabilities found' $check "$dir/unreached" ./api/store/mongostore

cp -r "$dir/unreached" "$dir/reached"
entry "$dir/reached" GO-2026-9001 $mongo $mongo/mongo Connect
entry "$dir/reached" GO-2026-9003 stdlib errors As
echo '[{"path":"'$mongo'","vulns":[{"id":"GO-2026-9001","modified":"2026-01-01T00:00:00Z"},{"id":"GO-2026-9002","modified":"2026-01-01T00:00:00Z"}]},
{"path":"stdlib","vulns":[{"id":"GO-2026-9003","modified":"2026-01-01T00:00:00Z"}]}]' >"$dir/reached/index/modules.json"
try 'what we call is found, with who calls it, in modules and the standard library' 1 \
	'mongostore\.[A-Za-z.]+ calls .*errors.As .*store.go:[0-9]+:[0-9]+: mongostore.[a-z]+ calls mongo.Connect .*affected by 2 vulnerabilities' \
	flat $check "$dir/reached" ./api/store/mongostore
exit "$failed"
