#!/usr/bin/env bash
#
# Puts the matcher beside what others use: see deploy/bench.sh match.
#
# On Debian as root it installs what is missing (redis-server, PostgreSQL with PostGIS, LEMON) without
# starting any service, and SciPy into the cache; elsewhere it takes what is there. The servers that it asks
# are its own: sockets and data in a folder of their own, no port, ended and removed when it ends.

set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
cache=${NAOBER_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/naober}
[[ $cache == /* ]] || cache=$PWD/$cache
venv=$cache/peers/venv
readonly SCIPY=1.17.1

say() { printf 'bench.sh: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

postgres_bin() {
	local found
	found=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
	[[ -n $found ]] && dirname "$found"
}

lacking() {
	command -v redis-server >/dev/null || echo redis-server
	compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null && postgres_bin >/dev/null || echo postgresql-postgis
	[[ -e /usr/include/lemon/network_simplex.h ]] || echo liblemon-dev
	command -v g++ >/dev/null || echo g++
	python3 -c 'import ensurepip' 2>/dev/null || echo python3-venv
}

install() {
	local packages
	mapfile -t packages < <(lacking)
	if ((${#packages[@]} > 0)); then
		((EUID == 0)) && command -v apt-get >/dev/null || die "missing here: ${packages[*]}"
		say "installing ${packages[*]}"
		export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 # in which no service is started
		apt-get -qq install -y --no-install-recommends "${packages[@]}" >/dev/null 2>&1 ||
			{ apt-get -qq update && apt-get -qq install -y --no-install-recommends "${packages[@]}" >/dev/null; } ||
			die "could not install ${packages[*]}"
	fi
	if ! "$venv/bin/python" -c 'import scipy.optimize' 2>/dev/null; then
		say "installing SciPy $SCIPY"
		python3 -m venv --clear "$venv"
		"$venv/bin/pip" -q install --only-binary :all: "scipy==$SCIPY"
	fi
	mkdir -p "$cache/peers"
	(cd "$root" && go build -o "$cache/peers/naober" ./api/cmd/naober && go build -o "$cache/peers/peers" ./api/cmd/naober/bench/peers)
	g++ -O3 -march=native -DNDEBUG -std=c++17 -w -o "$cache/peers/network" "$here/network.cpp"
}

# PostgreSQL does not run as root, and whoever it runs as must reach its folder.
postgres=()
((EUID != 0)) || postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)

end() {
	local pid
	for pid in "${servers[@]}"; do kill -INT "$pid" 2>/dev/null || true; done # for PostgreSQL: do not wait for who is connected
	for pid in "${servers[@]}"; do wait "$pid" 2>/dev/null || true; done
	rm -rf "$work"
}

start_redis() {
	redis-server --port 0 --unixsocket "$work/redis.sock" --save '' --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
	servers+=($!)
	answers redis-cli -s "$work/redis.sock" ping || die "Redis does not start: $(tail -n 3 "$work/redis.log")"
}

start_postgres() {
	local bin
	bin=$(postgres_bin)
	mkdir "$work/postgres"
	((EUID != 0)) || chown postgres "$work/postgres"
	"${postgres[@]}" "$bin/initdb" -D "$work/postgres/data" -U postgres -A trust --no-sync -E UTF8 --locale C >"$work/postgres.log" 2>&1 ||
		die "PostgreSQL makes no database: $(tail -n 3 "$work/postgres.log")"
	"${postgres[@]}" "$bin/postgres" -D "$work/postgres/data" -k "$work/postgres" -c listen_addresses= -c fsync=off -c full_page_writes=off \
		-c autovacuum=off -c shared_buffers=1GB -c maintenance_work_mem=512MB -c max_wal_size=4GB >"$work/postgres.log" 2>&1 &
	servers+=($!)
	answers "$bin/pg_isready" -h "$work/postgres" || die "PostgreSQL does not start: $(tail -n 3 "$work/postgres.log")"
}

# answers asks until a server does, for half a minute at most.
answers() {
	local n
	for ((n = 0; n < 150; n++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.2
	done
	return 1
}

servers=() work=$(mktemp -d)
chmod 755 "$work"
trap end EXIT
trap 'exit 130' INT TERM
install
start_redis
start_postgres
timeout "${NAOBER_PEERS_SECONDS:-3000}" python3 "$here/table.py" --bin "$cache/peers" --python "$venv/bin/python" --work "$work" --data "$root/../shared/data/matching" \
	--redis "$work/redis.sock" --postgres "$work/postgres/.s.PGSQL.5432" "$@"
