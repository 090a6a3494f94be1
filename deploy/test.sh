#!/usr/bin/env bash
# Installs what the tests need and runs all of them, on both stores.
#
# Every suite prints its minutes; the last line sums them all: "N passed, N failed". A suite that
# could not run counts as failed. Nothing stays running and nothing is written into the checkout.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

STATICCHECK=honnef.co/go/tools/cmd/staticcheck@v0.8.2
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/naober}
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
# Whoever samples what is too much for every commit draws by it.
NAOBER_COMMIT=$(git rev-parse HEAD 2>/dev/null || echo 0)
export NAOBER_COMMIT

# suite NAME COMMAND... runs one suite and says what came of it when it has ended: others run beside
# it. Test results are counted from go test's own lines; a command
# without any counts as one test.
suite() {
  local name=$1 log="$work/$1.log" began=$SECONDS status=0
  shift
  "$@" >"$log" 2>&1 || status=$?
  tell >"$work/$name.told"
  cat "$work/$name.told"
}

# tell says what came of a suite, by the variables of suite.
tell() {
  printf '\n== %s\n' "$name"
  local good bad skipped
  good=$(grep -cE '^ *--- PASS: ' "$log")
  bad=$(grep -cE '^ *--- FAIL: ' "$log")
  skipped=$(grep -cE '^ *--- SKIP: ' "$log")
  if ((status == 0 && good == 0)); then good=1; fi
  if ((status != 0 && bad == 0)); then bad=1; fi
  if ((bad > 0)); then
    grep -nE '^ *--- FAIL: |^FAIL|panic:|_test.go:[0-9]+:|DATA RACE|^#|error' "$log" | head -80
    printf -- '-- the end of its log\n'
    tail -40 "$log"
    printf '%s\n' "-- $name" "$(grep -A6 -E '^ *--- FAIL: |panic:|DATA RACE' "$log" | cut -c-300 | head -40)" >>"$work/failures"
  elif ((skipped > 0)); then
    grep -A2 -E '^ *--- SKIP: ' "$log" | head -20
  fi
  grep -hE '^--- PASS: schemathesis as ' "$log" | sed 's/^--- PASS: /   /' || true
  grep -hE '^soak |^  acknowledged' "$log" | sed 's/^/   /' || true
  grep -hE '^ *[a-z_]+_test\.go:[0-9]+: figure: ' "$log" | sed 's/^ *[^ ]* figure: /   /' || true
  printf '%d %d\n' "$good" "$bad" >>"$work/counts"
  printf '%s: %d passed, %d failed, %d skipped in %d.%d min\n' \
    "$name" "$good" "$bad" "$skipped" $(((SECONDS - began) / 60)) $((((SECONDS - began) % 60) / 6))
}

# packages NAME... installs them by the system's own manager.
packages() { apt-get install -q -y --no-install-recommends "$@" || { apt-get -q update && apt-get install -q -y --no-install-recommends "$@"; }; }

# A browser, and Java with Maven, where there is none.
browser() { [ -n "${CHROMIUM:-}" ] || [ -x /usr/bin/chromium ] || packages chromium; }
with_java() { command -v mvn >/dev/null || packages default-jdk-headless maven; }

setup() {
  command -v go >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/doc/install"; return 1; }
  go mod download && ./deploy/mongo.sh install && ./deploy/schemathesis.sh install && browser && with_java &&
    go build ./... && go build -o "$work/naober" ./api/cmd/naober &&
    GOBIN="$cache/bin" go install "$STATICCHECK"
}

lint() {
  local unformatted
  unformatted=$(git ls-files -z '*.go' | xargs -0 gofmt -l)
  if [ -n "$unformatted" ]; then
    echo "gofmt: $unformatted"
    return 1
  fi
  go vet ./... && "$cache/bin/staticcheck" ./... && go mod verify && go mod tidy -diff
}

# in_memory COMMAND... runs it with its temporary stores in memory, where there is room for them.
in_memory() {
  local worlds="$work" room status=0
  room=$(df --output=avail /dev/shm 2>/dev/null | tail -1)
  if ((${room:-0} > 1000000)); then worlds=$(mktemp -d -p /dev/shm); fi
  TMPDIR="$worlds" GOTMPDIR="$work" "$@" || status=$?
  if [ "$worlds" != "$work" ]; then rm -rf "$worlds"; fi
  return "$status"
}

# The race detector watches our code, and not the C that SQLite was translated from: nothing there
# synchronises us, and watching it takes two fifths of the time.
unwatched=(-gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-race=false)
unit() {
  local packages
  mapfile -t packages < <(go list ./... | grep -v -e /api/store/ -e /api/rest/leak)
  in_memory go test -v -race "${unwatched[@]}" -shuffle=on -timeout 40m -skip "$crash|$heavy|$sight" "${packages[@]}" &&
    in_memory go test -v -shuffle=on -timeout 20m -run "$heavy" ./api/app ./api/cmd/naober ./api/rest
}

# The commands run on both stores too: their tests take the database where there is one.
stores() { in_memory ./deploy/mongo.sh with --durable --keep-expired -- go test -v -shuffle=on -timeout 20m -skip "$crash|$heavy" ./api/store/... ./api/app; }

# What a client sends, as it reaches a server of MongoDB; and what devices hand in and hold, there.
operators() { ./deploy/mongo.sh with --keep-expired -- go test -v -timeout 20m -run '^TestNoValueOfAClientIsAnOperator$|^TestPush|^TestPull|^TestClient|^TestCase' ./api/rest; }

# What the demo's people are and say is found nowhere on a server either, and an operator acts there as in a folder.
openly_mongo() { ./deploy/mongo.sh with --keep-expired -- go test -v -timeout 10m -run '^TestNothingOfTheCastLiesOpenlyOnMongo$|^TestOperatorsActOnMongo$' ./api/cmd/naober; }

# The check for known vulnerabilities finds planted ones, and then those of a database where one is given.
vulncheck() { ./deploy/vulncheck_test.sh && { [ -z "${NAOBER_VULNDB:-}" ] || ./deploy/vulncheck.sh; }; }

# What does one thing after the other for minutes: the race detector would find nothing in it.
heavy='^TestCrashTable$|^TestNoCallWithoutLoginCostsMuch$|^TestNothingOfTheCastLiesOpenly$|^TestBenchMeasuresAndNothingGrows$|^TestMatrix$|^TestMatrixThroughPush$|^TestPlantedBugsAreCaught$|^TestFaultsOfADemo$|^TestNoFaultsWithoutTheFlag$|^TestClientWorksWithoutAConnection$|^TestClientByHandAndOutAgain$'

# Every command and every push disturbed at every call to the embedded store, WALs cut at every 512 bytes, and stalls at every call. On a
# server a world takes six times as long: a tenth of the commands, drawn by the commit, and all of them
# in deploy/soak.sh. Thousands of small stores: in memory where there is room for them.
crash='^TestCrashPoints|^TestCutWALOfCommands|^TestCase11'
crash() {
  NAOBER_CRASH_SHARE=1 in_memory go test -v -timeout 30m -run '^TestCrashPoints$|^TestCutWALOfCommands$|WakesUpAfter' ./api/app &&
    NAOBER_CRASH_SHARE=1 in_memory go test -v -timeout 20m -run '^TestCase11' ./api/rest
}

# The process is killed and not the server, which need not wait for its disk.
crash_mongo() { ./deploy/mongo.sh with --keep-expired -- go test -v -timeout 20m -parallel 4 -run '^TestCrashPointsOnMongo$' ./api/app; }

# Two villages under 40,000 random calls, and worlds that differ in what nobody may learn; both at once under the race
# detector.
leaks() {
  NAOBER_LEAK_REQUESTS=40000 go test -v -timeout 20m ./api/rest/leak &&
    go test -v -race -timeout 10m -run '^TestTwoVillagesAtOnce$' ./api/rest/leak
}

# Every answer of random worlds, and of a scene that brings the rare about, against mobile-contract/visibility.csv; and
# each of its cells taken out is missed.
sight='^TestEverybodySees|^TestVisibilityMissesEveryRow$'
sight() { NAOBER_SIGHT_SEEDS=3 in_memory go test -v -timeout 25m -run "$sight" ./api/rest; }

# The API description is linted, and a client is generated from it and compiled.
contract() (
  command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed: https://nodejs.org"; exit 1; }
  mkdir "$work/contract" && cp -r mobile-contract/typescript mobile-contract/openapi.yaml "$work/contract/" &&
    cd "$work/contract/typescript" && npm ci --no-audit --no-fund && npm run lint && npm run generate && npm run compile
)

# Models in Kotlin and Swift are generated; those in Kotlin are compiled, and read and write every fixture. They notice one
# that has a word of its own.
models() (
  made() { mvn -q -B -f mobile-contract/models -Dmaven.repo.local="$cache/m2" -Dout="$work/models" "$@"; }
  made verify && [ -s "$work/models/swift/Sources/Naober/Models/PullAnswer.swift" ] && cp -r mobile-contract/fixtures "$work/spoilt" &&
    sed -i 's/"applied"/"aplied"/' "$work/spoilt/messages/push_applied.json" && ! made exec:java@sample -Dfixtures="$work/spoilt" >"$work/spoilt.log" 2>&1 &&
    grep 'push_applied.json.*aplied' "$work/spoilt.log"
)

# The client for browsers: what it decides, with the service itself, and in Chromium.
sync_app() (
  command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed: https://nodejs.org"; exit 1; }
  NAOBER="$work/naober"
  export NAOBER
  mkdir "$work/sync-app" &&
    cp -r mobile-contract/app mobile-contract/fixtures mobile-contract/openapi.yaml mobile-contract/sync.md "$work/sync-app/" && cd "$work/sync-app/app" && rm -rf node_modules build generated &&
    npm ci --no-audit --no-fund && npm run generate && npm run check && npm run build &&
    node --test --test-concurrency=2 --test-reporter=./build/test/reporter.js build/test/*.test.js build/test/*/*.test.js
)

# The service under a client that others wrote, in Node and in Chromium.
replicache() (
  command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed: https://nodejs.org"; exit 1; }
  NAOBER="$work/naober"
  export NAOBER
  mkdir -p "$work/independent/deploy" "$work/independent/mobile-contract/app" &&
    cp -r deploy/replicache "$work/independent/deploy/" && cp -r mobile-contract/app/test mobile-contract/app/package.json mobile-contract/app/tsconfig.json "$work/independent/mobile-contract/app/" &&
    cd "$work/independent/deploy/replicache" && rm -rf node_modules build &&
    npm ci --no-audit --no-fund && npm run build && npm test
)

# The whole table of bad input; under the race detector the unit tests try a part of it.
bad_input() { go test -v -timeout 10m -run TestBadInput ./api/rest; }

# Everybody in the demo's cast on the embedded store, two of them on MongoDB.
schemathesis() { ./deploy/schemathesis.sh; }
schemathesis_mongo() { ./deploy/schemathesis.sh --store mongo --parts resident,fixed_worker; }

# The server under load, killed at random moments, and the database under it; deploy/soak.sh does the same for longer.
soak() { "$work/naober" soak --cycles 30; }
soak_mongo() {
  ./deploy/mongo.sh with --durable -- "$work/naober" soak --store mongo --cycles 30 &&
    ./deploy/mongo.sh with --durable -- "$work/naober" soak --store mongo --mode pair --seconds 35 --every 10 &&
    "$work/naober" soak --store mongo --mode db --seconds 25 --every 12
}

# Devices without a connection, through everything that goes wrong, and mistakes built in on purpose; seeds by the commit,
# as many as time allows.
sync_v1() {
  local first=$((0x${NAOBER_COMMIT:0:7} + 1))
  in_memory go test -v -timeout 10m -run '^TestPlantedBugsAreCaught$' ./api/cmd/naober/soak/fleet &&
    in_memory "$work/naober" soak --seeds 100 --mode all --first-seed "$first" --seconds 110 &&
    ./deploy/mongo.sh with --keep-expired -- "$work/naober" soak --seeds 10 --mode all --store mongo --first-seed "$first" --seconds 30
}

# What the matcher answers in small regions, judged by somebody else's code; which notices a wrong one.
figures() {
  local folder="$work/figures" of
  for of in s1 s2 s3 s4 s5 s6; do
    "$work/naober" bench match --case "$of" --n 20000 --queries 300 --sample 50 --dump "$folder/$of" --json || return 1
  done
  python3 deploy/check_bench.py match "$folder"/* | tee "$work/judged" || return 1
  [ "$(grep -c ': 50 of 50 answers exact' "$work/judged")" = 6 ] || return 1
  for of in slack congested; do
    "$work/naober" bench batch --n 2000 --shape "$of" --solution "$work/$of.txt" --json &&
      python3 deploy/check_bench.py batch "$work/$of.txt" &&
      "$work/naober" bench batch --n 100 --shape "$of" --solution "$work/$of-small.txt" --json || return 1
  done
  printf '3\n4 1 3\n2 0 5\n3 2 2\n' >"$work/dense.txt"
  printf '1 4 100 2 30\n0 0 0 0 0 0 200\n1 0 0 1 1 0 100\n2 1 0 1 1 0 100\n3 10 0 1 -1 0 200\n4 11 0 1 -1 0 200\n' >"$work/day.txt"
  "$work/naober" bench assignment "$work/dense.txt" --solution "$work/dense.out" --json &&
    python3 deploy/check_bench.py assignment "$work/dense.txt" "$work/dense.out" &&
    "$work/naober" bench rides "$work/day.txt" --seconds 0.2 --solution "$work/day.out" --json &&
    python3 deploy/check_bench.py rides "$work/day.txt" "$work/day.out" || return 1
  python3 -B deploy/check_bench_test.py "$work" || return 1
  sed -i '2s/[0-9]*$/7/' "$folder/s6/answers.csv"
  ! python3 deploy/check_bench.py match "$folder/s6" || return 1
  echo '1 3 2' >"$work/day.out"
  ! python3 deploy/check_bench.py rides "$work/day.txt" "$work/day.out"
}

story() { ./deploy/demo.sh --check; }
story_mongo() { ./deploy/demo.sh --check --store mongo; }
story_kills() { ./deploy/demo.sh --check --kills 10; }

# The suites run in two rows side by side: in one those that need the processor, in the other those that wait for
# databases, browsers and kills.
suite setup setup
suite lint lint
for row in processor waiting; do
  case $row in
  processor)
    suite unit unit
    suite sight sight
    suite crash crash
    suite bad-input bad_input
    suite leaks leaks
    suite vulncheck vulncheck
    suite figures figures
    suite contract contract
    ;;
  waiting)
    suite stores stores
    suite operators operators
    suite openly-mongo openly_mongo
    suite crash-mongo crash_mongo
    suite soak soak
    suite soak-mongo soak_mongo
    suite sync sync_v1
    suite sync-app sync_app
    suite models models
    suite replicache replicache
    suite schemathesis schemathesis
    suite schemathesis-mongo schemathesis_mongo
    suite story story
    suite story-mongo story_mongo
    suite story-kills story_kills
    ;;
  esac &
done
wait


# A row that was ended from outside has not run.
suites=$(grep -cE '^ *suite [a-z-]+ [a-z_0-9]+$' deploy/test.sh)
missing=$((suites - $(wc -l <"$work/counts")))
if ((missing > 0)); then
  printf '%d suites did not run\n' "$missing" >>"$work/failures"
  printf '0 %d\n' "$missing" >>"$work/counts"
fi
read -r passed failed < <(awk '{ good += $1; bad += $2 } END { print good, bad }' "$work/counts")
# Whoever sees only the end of a long log learns what failed.
if ((failed > 0)); then cat "$work/failures"; fi
printf '\n%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
