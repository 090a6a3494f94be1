#!/usr/bin/env bash
#
# The long runs, which are too long for every commit. Each is bounded and ends by itself.
#
#   deploy/soak.sh [--cycles N] [--seconds N] [--requests N] [--fuzz N] [--seeds N] [PART...]
#
# Parts, all of them where none is named:
#   kill-sqlite  the server killed N times (300) under load, on the embedded store; at most
#                thirty times in one village, which is then judged
#   kill-mongo   the same on a MongoDB-compatible server that waits for the disk
#   pair         two processes on one MongoDB for N seconds (300), one killed every ten
#   db           a MongoDB-compatible server killed every 15 seconds for N seconds, under one process
#   crash        every command disturbed at every call to the stores, all of it on both stores
#   stores       both stores' own suites, with N/10 kills of process and database each
#   leak         N random requests (100000) between two villages
#   fuzz         every fuzz target for N seconds (60)
#   sync         N schedules (1000) of devices without a connection in each mode, on the embedded store; a tenth of them
#                on a process that is killed
#   sync-mongo   N/10 of each on a MongoDB-compatible server, and N/100 kills of process or database
# It prints a line a part; the last line sums them: "N passed, N failed".

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

cycles=300 seconds=300 requests=100000 fuzz=60 seeds=1000 parts=()
while (($#)); do
	case $1 in
	--cycles) cycles=$2 && shift ;;
	--seconds) seconds=$2 && shift ;;
	--requests) requests=$2 && shift ;;
	--fuzz) fuzz=$2 && shift ;;
	--seeds) seeds=$2 && shift ;;
	-*) sed -n '/^#   deploy/,/^# It prints/s/^# \{0,3\}//p' "$0" >&2 && exit 2 ;;
	*) parts+=("$1") ;;
	esac
	shift
done
((${#parts[@]})) || parts=(kill-sqlite kill-mongo pair db crash stores leak fuzz sync sync-mongo)

command -v go >/dev/null || { echo "soak.sh: Go 1.26 or newer is needed" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/naober" ./api/cmd/naober || exit 1

mongo() { ./deploy/mongo.sh with --durable -- "$@"; }

# kills COMMAND... kills in several villages, one after the other. Under load requests come faster than
# helpers can be asked, so that after three hundred kills one village would take hours to come to rest.
kills() {
	local left=$cycles some
	while ((left > 0)); do
		some=$((left < 30 ? left : 30))
		"$@" --cycles "$some" || return 1
		left=$((left - some))
	done
}

part() {
	case $1 in
	kill-sqlite) kills "$work/naober" soak ;;
	kill-mongo) kills mongo "$work/naober" soak --store mongo ;;
	pair) mongo "$work/naober" soak --store mongo --mode pair --seconds "$seconds" --every 10 ;;
	db) "$work/naober" soak --store mongo --mode db --seconds "$seconds" --every 15 ;;
	crash) ./deploy/mongo.sh with --keep-expired -- env NAOBER_CRASH_SHARE=1 go test -count=1 -v -parallel 4 -timeout 120m -run '^TestCrash|^TestCutWALOfCommands|WakesUpAfter|ComesLate' ./api/app ;;
	stores) NAOBER_KILLS=$((cycles / 10 + 1)) ./deploy/mongo.sh with --durable --keep-expired -- go test -count=1 -timeout 60m ./api/store/... ;;
	leak) NAOBER_LEAK_REQUESTS=$requests go test -count=1 -v -timeout 60m ./api/rest/leak ;;
	fuzz) ./deploy/fuzz.sh --seconds "$fuzz" ;;
	sync) "$work/naober" soak --seeds "$seeds" --mode all ;;
	sync-mongo)
		for mode in network clones restore hand; do
			./deploy/mongo.sh with --keep-expired -- "$work/naober" soak --seeds $((seeds / 10 + 1)) --mode "$mode" --store mongo || return 1
		done
		"$work/naober" soak --seeds $((seeds / 100 + 1)) --mode kill --store mongo
		;;
	*) echo "there is no part $1" && return 2 ;;
	esac
}

passed=0 failed=0
for name in "${parts[@]}"; do
	began=$SECONDS verdict=passed
	part "$name" >"$work/log" 2>&1 || verdict=failed
	if [[ $verdict == passed ]]; then
		passed=$((passed + 1))
		grep -E '^soak |^  acknowledged|figure: ' "$work/log"
	else
		failed=$((failed + 1))
		tail -60 "$work/log"
	fi
	printf '%s: %s in %d s\n' "$name" "$verdict" $((SECONDS - began))
done
printf '\n%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
