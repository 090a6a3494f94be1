#!/usr/bin/env bash
#
# Looks for inputs that break a parser, for a bounded time each.
#
#   deploy/fuzz.sh [--seconds N] [--keep] [TARGET...]
#
# Without names it takes all fuzz targets, N (20) seconds each. An input that breaks one is written
# into its testdata/fuzz, from where each go test runs it. --keep adds the shortest of the inputs that
# reached further than those before, at most 20 a target. The tests themselves run all that lies there.

set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

seconds=20 keep='' only=()
while (($#)); do
	case $1 in
	--seconds) seconds=$2 && shift ;;
	--keep) keep=yes ;;
	*) only+=("$1") ;;
	esac
	shift
done

module=$(go list -m)
cache=$(go env GOCACHE)/fuzz
failed=0

# store puts the shortest inputs of the cache into a target's folder, until it holds 20.
store() {
	local from=$cache/$module/$1/$2 to=$1/testdata/fuzz/$2 file
	[[ -d $from ]] || return 0
	mkdir -p "$to"
	while IFS= read -r file; do
		(($(find "$to" -type f | wc -l) < 20)) || break
		cp -n "$from/$file" "$to/$file"
	done < <(find "$from" -type f -size -3k -printf '%s %f\n' | sort -n | cut -d ' ' -f 2)
}

while IFS=: read -r file line; do
	target=$(sed -E 's/^func (Fuzz[A-Za-z0-9]+).*/\1/' <<<"$line")
	((${#only[@]} == 0)) || [[ " ${only[*]} " == *" $target "* ]] || continue
	folder=$(dirname "$file")
	status=0
	out=$(go test "./$folder" -run '^$' -fuzz "^$target\$" -fuzztime "${seconds}s" 2>&1) || status=$?
	# Go sometimes reports the end of the time itself as a failure (golang.org/issue/75804).
	if ((status == 0)) || { grep -q 'context deadline exceeded' <<<"$out" && ! grep -q 'Failing input' <<<"$out"; }; then
		echo "--- PASS: $target in $folder: $(grep -oE 'execs: [0-9]+|new interesting: [0-9]+ \(total: [0-9]+\)' <<<"$out" | tail -2 | paste -sd ' ')"
		[[ -z $keep ]] || store "$folder" "$target"
	else
		failed=1
		printf -- '--- FAIL: %s in %s\n%s\n' "$target" "$folder" "$(tail -40 <<<"$out")"
	fi
done < <(git ls-files --cached --others --exclude-standard '*_test.go' | xargs grep -HE '^func Fuzz')
exit "$failed"
