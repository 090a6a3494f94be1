#!/usr/bin/env bash
#
# A real MongoDB-compatible server for tests and benchmarks.
#
#   deploy/mongo.sh install
#   deploy/mongo.sh start [--durable|--fast] [--keep-expired] [--port N] [--dir DIR]
#   deploy/mongo.sh stop --dir DIR [--wipe]
#   deploy/mongo.sh kill --dir DIR
#   deploy/mongo.sh with [--durable|--fast] [--keep-expired] -- COMMAND...
#
# install  fetches what the server needs, once; seconds when it is there already.
# start    starts a server on the loopback address, waits until it answers, and
#          prints one line on stdout: its URI. Without --dir it gets a folder of
#          its own, named on stderr. A folder used before keeps its data, its
#          ports and, unless told otherwise, its mode.
# stop     stops the server of DIR; --wipe also removes DIR.
# kill     ends the server of DIR as a crash would; `start --dir DIR` recovers it.
# with     runs COMMAND with NAOBER_MONGO_URI (and NAOBER_MONGO_DIR, for kill and
#          start) set, removes the server afterwards, and ends as COMMAND ended.
#
# --fast (the default) never waits for the disk; --durable does at each commit.
# --keep-expired leaves documents where they are after their time: for tests that
# play on another date than today's, of which the server's sweep knows nothing.
#
# Where the server comes from, in this order: the URI in NAOBER_MONGO_URI, if it
# is set; docker or podman, if one is running and has a MongoDB image; on Debian,
# as root, FerretDB over PostgreSQL with the DocumentDB extension, kept in a
# folder of their own under ${NAOBER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/naober}.

# shellcheck disable=SC2016 # what stands in single quotes is for another shell

set -euo pipefail

readonly FERRETDB_MODULE=github.com/FerretDB/FerretDB/v2/cmd/ferretdb
readonly FERRETDB_VERSION=v2.7.0
readonly SUITE=forky # the first Debian release with the DocumentDB extension
readonly PG_MAJOR=18
readonly PG_PACKAGE=postgresql-$PG_MAJOR-documentdb
readonly RECIPE=1 # to be raised with each change to what build_root makes

SELF=$(cd "$(dirname "$0")" && pwd)/$(basename "$0")
readonly SELF
CACHE=${NAOBER_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/naober}/mongo
[[ $CACHE == /* ]] || CACHE=$PWD/$CACHE
readonly CACHE
readonly ROOT=$CACHE/$SUITE-$PG_PACKAGE-$RECIPE # the chroot the servers run in
readonly FERRETDB=$CACHE/ferretdb-$FERRETDB_VERSION
readonly STAMP=naober-complete # written last into each installed folder
readonly MARKER=naober-mongo   # its presence makes a folder an instance's

# Below the kernel's ephemeral range, so that no outgoing connection takes one.
readonly FIRST_PORT=20000 PORT_COUNT=10000

readonly START_SECONDS=60 # crash recovery of a big database is part of a start
readonly STOP_SECONDS=20

say() { printf 'mongo.sh: %s\n' "$*" >&2; }

die() {
	say "$*"
	exit 1
}

usage() {
	sed -n '/^#   deploy/s/^#   //p' "$0" >&2
	exit 2
}

# --- where the server comes from -------------------------------------------

# uri_given says whether the caller named a server of its own. Under `with` the
# URI is this script's, and `start --dir` is about the instance, not about it.
uri_given() {
	[[ -n ${NAOBER_MONGO_URI:-} ]] && [[ -z ${NAOBER_MONGO_DIR:-} || -z $opt_dir ]]
}

# find_container sets engine and image, if an engine runs and has a MongoDB image.
find_container() {
	for engine in docker podman; do
		command -v "$engine" >/dev/null || continue
		timeout 10 "$engine" info >/dev/null 2>&1 || continue
		image=$("$engine" image ls --format '{{.Repository}}:{{.Tag}}' |
			grep -E '(^|/)(mongo|mongodb-community-server):[^<]' | sort -V | tail -n 1) || true
		[[ -n $image ]] && return 0
	done
	return 1
}

# native_obstacle prints what keeps this machine from the Debian recipe, if anything.
native_obstacle() {
	local id=
	[[ -r /etc/os-release ]] && id=$(sed -n 's/^ID=//p' /etc/os-release)
	if [[ $id != debian ]]; then
		echo "this machine is not Debian"
	elif ((EUID != 0)); then
		echo "not run as root"
	elif ! unshare --mount --pid --ipc --fork true 2>/dev/null; then
		echo "root may not make namespaces and mounts here (CAP_SYS_ADMIN)"
	elif ! native_installed && ! command -v go >/dev/null; then
		echo "no go command"
	fi
}

# choose_kind sets kind to container or native, or ends the script saying why neither.
choose_kind() {
	local obstacle
	if find_container; then
		kind=container
		return
	fi
	obstacle=$(native_obstacle)
	[[ -z $obstacle ]] ||
		die "no MongoDB: NAOBER_MONGO_URI is not set, no running docker or podman has a MongoDB image, and none can be installed: $obstacle"
	kind=native
}

# --- installing --------------------------------------------------------------

native_installed() {
	[[ -e $ROOT/$STAMP && -e $FERRETDB/$STAMP ]]
}

install_native() {
	native_installed && return
	mkdir -p "$CACHE"
	# Also held by what is run from here: a second call waits, even when this one is
	# killed while a child of it still writes.
	exec 8>"$CACHE/install.lock"
	flock -n 8 || {
		say "waiting for another installation"
		flock 8
	}
	install_into "$ROOT" build_root
	install_into "$FERRETDB" build_ferretdb
	exec 8>&-
}

# install_into lets BUILD fill a folder beside TARGET and then renames it, so that
# TARGET is either whole or not there.
install_into() {
	local target=$1 build=$2 log=$1.log
	[[ -e $target/$STAMP ]] && return
	rm -rf --one-file-system "$target" "$target.new"
	mkdir -p "$target.new"
	say "installing $(basename "$target") (log: $log)"
	# Not as a condition: that would turn off set -e inside the function.
	set +e
	(
		set -e
		"$build" "$target.new"
	) >"$log" 2>&1 </dev/null
	local status=$?
	set -e
	if ((status != 0)); then
		tail -n 15 "$log" >&2
		die "installing $(basename "$target") failed, see $log"
	fi
	touch "$target.new/$STAMP"
	mv "$target.new" "$target"
}

build_ferretdb() {
	cd "$1" # away from any go.mod
	GOBIN=$1 GOWORK=off CGO_ENABLED=0 nice go install "$FERRETDB_MODULE@$FERRETDB_VERSION"
}

build_root() {
	local root=$1 mirror
	export DEBIAN_FRONTEND=noninteractive
	command -v debootstrap >/dev/null || apt_update_then install -y debootstrap
	mirror=$(debian_mirror)
	[[ -n $mirror ]] || apt-get -q update
	mirror=$(debian_mirror)
	[[ -n $mirror ]] || die "apt knows no Debian mirror"
	bootstrap_root "$root" "$mirror"
	install_postgres "$root"
	make_template "$root"
}

# apt_update_then refreshes the package lists only if apt-get fails without.
apt_update_then() {
	apt-get -q "$@" || {
		apt-get -q update
		apt-get -q "$@"
	}
}

# debian_mirror prints the mirror this machine already uses.
debian_mirror() {
	apt-get indextargets --format '$(REPO_URI)' \
		'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sed -n 1p
}

bootstrap_root() {
	local root=$1 mirror=$2 proxy=
	eval "$(apt-config shell proxy Acquire::http::Proxy)"
	[[ -z $proxy || $proxy == DIRECT ]] || export http_proxy=$proxy
	# sid's script, as an older debootstrap has none for the suite. In a mount
	# namespace, so that no mount of debootstrap's outlives an interrupted run.
	nice unshare --mount --pid --fork --mount-proc --kill-child \
		debootstrap --variant=minbase --include=ca-certificates \
		"$SUITE" "$root" "$mirror" /usr/share/debootstrap/scripts/sid

	# apt's ways to the network, but not the hooks of the machine's other programs.
	apt-config dump | grep '^Acquire::' |
		grep -Ev '^Acquire::(IndexTargets|Changelogs|cdrom)' >"$root/etc/apt/apt.conf.d/99machine"
	if [[ -r /etc/ssl/certs/ca-certificates.crt ]]; then
		cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
	fi
	printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" # start no service
	chmod +x "$root/usr/sbin/policy-rc.d"
	echo '127.0.0.1 localhost' >"$root/etc/hosts"
}

install_postgres() {
	local root=$1
	nice unshare --mount --pid --fork --kill-child bash -euc '
		mount -t proc proc "$1/proc"
		chroot "$1" apt-get -q update
		chroot "$1" apt-get -q install -y --no-install-recommends \
			-o Dpkg::Options::=--force-unsafe-io "$2"
	' install "$root" "$PG_PACKAGE"
	# The package makes a cluster of its own, which nothing here uses.
	rm -rf "$root/var/lib/postgresql/$PG_MAJOR" "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
}

# make_template makes the data folder that each new instance starts from: copying
# it takes a fraction of the time of initdb and CREATE EXTENSION.
make_template() {
	local root=$1 data=/var/lib/naober/data sql
	chroot "$root" install -d -o postgres -g postgres -m 700 "$(dirname "$data")"
	as_postgres "$root" initdb -D "$data" -A trust -U postgres -E UTF8 --locale=C.UTF-8 --no-sync

	# Background workers for cron, as jobs that connect would keep to the port the
	# template has: no document would ever expire, for one.
	cat >>"$root$data/postgresql.conf" <<-'CONF'
		shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
		cron.database_name = 'postgres'
		cron.use_background_workers = on
		cron.log_run = off
		cron.log_statement = off
		documentdb.localhost_connection_string = 'host=127.0.0.1'
		listen_addresses = '127.0.0.1'
		unix_socket_directories = ''
		max_connections = 200
		max_worker_processes = 32
	CONF

	# FerretDB builds indexes at once: the jobs that look for queued ones every other
	# second would only cost time.
	sql="CREATE EXTENSION documentdb CASCADE;
		SELECT cron.unschedule(jobid) FROM cron.job WHERE jobname LIKE 'documentdb_index_build%'"
	# Reachable by its socket only: no port is its own yet.
	as_postgres "$root" bash -euc '
		trap "cat /tmp/template.log" ERR
		pg_ctl -D "$1" -w -l /tmp/template.log \
			-o "-c listen_addresses= -c unix_socket_directories=/tmp -c fsync=off" start
		echo "$2" | psql -X -v ON_ERROR_STOP=1 -h /tmp -U postgres postgres
		pg_ctl -D "$1" -w -m fast stop
	' template "$data" "$sql"
	rm -f "$root/tmp/template.log"
}

# as_postgres runs a command in the chroot, in namespaces that end with it.
as_postgres() {
	nice unshare --mount --pid --ipc --fork --kill-child bash -euc '
		mount -t proc proc "$1/proc"
		mount --rbind /dev "$1/dev"
		mount -t tmpfs tmpfs "$1/dev/shm"
		cd /
		exec chroot "$1" setpriv --reuid=postgres --regid=postgres --init-groups \
			env -i "PATH=/usr/lib/postgresql/$2/bin:/usr/bin:/bin" LANG=C.UTF-8 "${@:3}"
	' as_postgres "$1" "$PG_MAJOR" "${@:2}"
}

# --- an instance's folder ----------------------------------------------------

# put and get keep one value per file.
put() { printf '%s\n' "$3" >"$1/$2"; }
get() { cat "$1/$2" 2>/dev/null || true; }

is_instance() { [[ -e $1/$MARKER ]]; }

# open_dir makes the folder an instance's, locks it, and sets dir to its full name.
open_dir() {
	mkdir -p "$1"
	dir=$(cd "$1" && pwd -P)
	if ! is_instance "$dir"; then
		[[ -z $(ls -A "$dir") ]] || die "$dir is neither empty nor an instance of this script"
		touch "$dir/$MARKER"
	fi
	lock_dir "$dir"
}

# lock_dir keeps two calls from changing one instance at once. Where there is no
# flock (it comes with every Linux) they are the caller's to keep apart.
lock_dir() {
	exec 9>"$1/$MARKER"
	! command -v flock >/dev/null || flock 9
}

unlock_dir() { exec 9>&-; }

# find_dir sets dir to the full name of an existing instance's folder.
find_dir() {
	[[ -n $1 ]] || usage
	is_instance "$1" || die "no instance in $1"
	dir=$(cd "$1" && pwd -P)
	lock_dir "$dir"
}

# reserve_port finds a free port and writes it to DIR/NAME. A port stays its
# instance's while that folder is there, also when the server is down, so that it
# can come back under the same URI.
reserve_port() {
	local dir=$1 name=$2 port owner tries
	mkdir -p "$CACHE/ports"
	exec 7>"$CACHE/ports.lock"
	! command -v flock >/dev/null || flock 7
	for ((tries = 0; tries < 500; tries++)); do
		port=$((FIRST_PORT + RANDOM % PORT_COUNT))
		owner=$(get "$CACHE/ports" "$port")
		[[ -n $owner && $(get "${owner%/*}" "${owner##*/}") == "$port" ]] && continue
		listening "$port" && continue
		put "$CACHE/ports" "$port" "$dir/$name"
		put "$dir" "$name" "$port"
		exec 7>&-
		return
	done
	die "no free port from $FIRST_PORT on"
}

release_ports() {
	local name port
	for name in port pgport; do
		port=$(get "$1" "$name")
		[[ $(get "$CACHE/ports" "${port:-none}") == "$1/$name" ]] && rm -f "$CACHE/ports/$port"
	done
	return 0
}

listening() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wipe_dir removes an instance's folder. Only what carries the mark is removed.
wipe_dir() {
	is_instance "$1" || die "no instance in $1"
	release_ports "$1"
	rm -rf --one-file-system "$1"
}

# --- processes -----------------------------------------------------------------

# A process is recorded as "pid starttime boot", so that a pid the kernel has given
# to another program since is never taken for ours.
record_of() {
	local stat
	read -r stat <"/proc/$1/stat" || return
	# shellcheck disable=SC2086 # the fields are wanted
	set -- $stat
	echo "$1 ${22} $(</proc/sys/kernel/random/boot_id)"
}

# alive says whether the process recorded in the file still runs.
alive() {
	local record state
	record=$(cat "$1" 2>/dev/null) || return 1
	[[ -n $record && $(record_of "${record%% *}" 2>/dev/null) == "$record" ]] || return 1
	state=$(awk '{ print $3 }' "/proc/${record%% *}/stat" 2>/dev/null) || return 1
	[[ $state != Z ]]
}

signal() {
	local record
	alive "$2" || return 0
	record=$(cat "$2")
	kill -s "$1" "${record%% *}" 2>/dev/null || true
}

# wait_gone waits SECONDS for the process recorded in the file to end.
wait_gone() {
	local file=$1 tries=$(($2 * 20))
	while alive "$file"; do
		((tries-- > 0)) || return 1
		sleep 0.05
	done
	rm -f "$file"
}

# end_process sends SIGNAL, and SIGKILL when that has not been enough.
end_process() {
	local signal=$1 file=$2
	signal "$signal" "$file"
	# With its 0: in a trap, a bare return gives the status from before the trap.
	if wait_gone "$file" "$STOP_SECONDS"; then return 0; fi
	say "$file: still there after $STOP_SECONDS s, killing it"
	signal KILL "$file"
	wait_gone "$file" "$STOP_SECONDS" || die "$file: cannot be killed"
}

# spawn runs a program of the chroot in the background as its postgres user, with
# the instance's folder at /mnt, and records it. Its namespaces make three things
# simple: mounts that end with it, no shared memory left behind, and, as it is the
# first process of its pid namespace, children that the kernel ends with it.
spawn() {
	local dir=$1 name=$2
	shift 2
	rm -f "$dir/$name.pid"
	(
		# Whoever waits for the end of one of the caller's pipes must not wait for
		# a server that outlives the caller; the locks must not be held either.
		local fd
		for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			((fd < 3)) || eval "exec $fd>&-"
		done
		# setsid: a Ctrl-C at the terminal is not for the server.
		exec setsid unshare --mount --pid --ipc --fork \
			bash "$SELF" enter "$dir" "$dir/$name.pid" "$@"
	) </dev/null >>"$dir/$name.log" 2>&1 &
	local starter=$!
	while [[ ! -e $dir/$name.pid ]] && kill -0 "$starter" 2>/dev/null; do sleep 0.02; done
}

# enter is the inside of spawn: it records itself and becomes the program.
enter() {
	local dir=$1 pidfile=$2
	shift 2
	# Before /proc is mounted anew, which then shows the pid as seen from inside.
	record_of self >"$pidfile.new"
	mount -t proc proc "$ROOT/proc"
	mount --rbind /dev "$ROOT/dev"
	mount -t tmpfs tmpfs "$ROOT/dev/shm"
	mount --bind "$dir/server" "$ROOT/mnt"
	mount --bind "$FERRETDB" "$ROOT/opt"
	mv "$pidfile.new" "$pidfile"
	cd /
	exec chroot "$ROOT" setpriv --reuid=postgres --regid=postgres --init-groups \
		env -i PATH=/usr/bin:/bin LANG=C.UTF-8 "$@"
}

# wait_answer waits until the check succeeds, as long as the instance runs.
wait_answer() {
	local dir=$1 name=$2 deadline=$((SECONDS + START_SECONDS))
	shift 2
	until "$@"; do
		if [[ $name != container ]] && ! alive "$dir/$name.pid"; then
			tail -n 5 "$dir/$name.log" >&2
			die "$name did not start, see $dir/$name.log"
		fi
		((SECONDS < deadline)) || die "$name does not answer after $START_SECONDS s, see $dir"
		sleep 0.05
	done
}

# --- the Debian recipe ---------------------------------------------------------

start_native() {
	local dir=$1 port pgport fsync=off sweep=on
	port=$(get "$dir" port)
	[[ -e $dir/server/data ]] || new_data "$dir"
	[[ $(get "$dir" mode) == durable ]] && fsync=on
	[[ $(get "$dir" expired) == keep ]] && sweep=off
	[[ -n $(get "$dir" pgport) ]] || reserve_port "$dir" pgport
	pgport=$(get "$dir" pgport)

	if ! alive "$dir/postgres.pid"; then
		! listening "$pgport" || die "port $pgport is taken by another program"
		spawn "$dir" postgres "/usr/lib/postgresql/$PG_MAJOR/bin/postgres" -D /mnt/data \
			-c port="$pgport" -c fsync="$fsync" -c full_page_writes="$fsync" -c synchronous_commit=on \
			-c cron.launch_active_jobs="$sweep"
	fi
	wait_answer "$dir" postgres chroot "$ROOT" "/usr/lib/postgresql/$PG_MAJOR/bin/pg_isready" \
		-q -h 127.0.0.1 -p "$pgport" -U postgres

	if ! alive "$dir/ferretdb.pid"; then
		! listening "$port" || die "port $port is taken by another program"
		spawn "$dir" ferretdb /opt/ferretdb \
			--postgresql-url="postgres://postgres@127.0.0.1:$pgport/postgres" \
			--listen-addr="127.0.0.1:$port" --debug-addr=- --state-dir=/mnt/ferretdb \
			--telemetry=disable --no-auth --log-level=WARN
	fi
	wait_answer "$dir" ferretdb answers "$port"
}

# new_data copies the template; the rename makes an interrupted copy start anew.
new_data() {
	local dir=$1 owner
	owner=$(stat -c %u:%g "$ROOT/var/lib/naober/data")
	rm -rf "$dir/server"
	mkdir "$dir/server"
	chmod 755 "$dir/server"
	mkdir "$dir/server/ferretdb"
	chown "$owner" "$dir/server/ferretdb"
	cp -a --reflink=auto "$ROOT/var/lib/naober/data" "$dir/server/data.new"
	mv "$dir/server/data.new" "$dir/server/data"
}

stop_native() {
	end_process TERM "$1/ferretdb.pid"
	end_process INT "$1/postgres.pid" # "fast": without waiting for its clients
}

# kill_native ends PostgreSQL first, so that FerretDB can finish nothing in between.
kill_native() {
	local name
	for name in postgres ferretdb; do signal KILL "$1/$name.pid"; done
	for name in postgres ferretdb; do
		wait_gone "$1/$name.pid" "$STOP_SECONDS" || die "$1/$name.pid: cannot be killed"
	done
}

# answers sends one MongoDB message, {ping: 1, $db: "admin"}, to the port and looks
# for {ok: 1.0} in the reply: a listening port alone does not say that the server is
# ready, and there may be no client on the machine.
answers() {
	local reply
	{ reply=$(
		exec 3<>"/dev/tcp/127.0.0.1/$1" || exit
		printf '%b' '\x33\0\0\0\x01\0\0\0\0\0\0\0\xdd\x07\0\0\0\0\0\0\0' \
			'\x1e\0\0\0\x10ping\0\x01\0\0\0\x02$db\0\x06\0\0\0admin\0\0' >&3
		timeout 5 head -c 38 <&3 | od -An -v -tx1 | tr -d ' \n'
	); } 2>/dev/null || return 1
	[[ $reply == *016f6b00000000000000f03f* ]]
}

# --- the container engine --------------------------------------------------------

# A MongoDB of its own journals in either mode; the mode only matters natively.
start_container() {
	local dir=$1 id
	local -a options=()
	read -r engine id <<<"$(get "$dir" container)"
	if [[ -z $id ]]; then
		find_container || die "the container engine has no MongoDB image any more"
		[[ $(get "$dir" expired) == keep ]] && options=(--setParameter ttlMonitorEnabled=false)
		id=$("$engine" run -d -p "127.0.0.1:$(get "$dir" port):27017" "$image" "${options[@]}" 2>>"$dir/container.log") ||
			die "$engine cannot run $image, see $dir/container.log"
		put "$dir" container "$engine $id"
	else
		"$engine" start "$id" >>"$dir/container.log" 2>&1
	fi
	wait_answer "$dir" container answers "$(get "$dir" port)"
}

# in_container runs a command of the engine on the instance's container, if any.
in_container() {
	local dir=$1 engine id
	shift
	read -r engine id <<<"$(get "$dir" container)"
	[[ -z $id ]] || "$engine" "$@" "$id" >>"$dir/container.log" 2>&1 || true
}

# --- commands ------------------------------------------------------------------

start_instance() {
	local dir=$1 kind mode
	kind=$(get "$dir" kind)
	if [[ -z $kind ]]; then
		choose_kind
		put "$dir" kind "$kind"
	fi
	# A running server keeps the mode it was started with.
	if ! alive "$dir/postgres.pid"; then
		mode=${opt_mode:-$(get "$dir" mode)}
		put "$dir" mode "${mode:-fast}"
		[[ -z $opt_expired ]] || put "$dir" expired "$opt_expired"
	fi
	if [[ -n $opt_port && $(get "$dir" port) != "$opt_port" ]]; then
		[[ -z $(get "$dir" port) ]] || die "the instance in $dir has port $(get "$dir" port)"
		mkdir -p "$CACHE/ports"
		put "$CACHE/ports" "$opt_port" "$dir/port"
		put "$dir" port "$opt_port"
	fi
	[[ -n $(get "$dir" port) ]] || reserve_port "$dir" port
	if [[ $kind == native ]]; then install_native; fi
	"start_$kind" "$dir"
}

stop_instance() {
	case $(get "$1" kind) in
	native) stop_native "$1" ;;
	container) in_container "$1" stop ;;
	esac
}

# remove_instance need not be gentle: nobody will want the data.
remove_instance() {
	case $(get "$1" kind) in
	native) kill_native "$1" ;;
	container) in_container "$1" rm -f -v ;;
	esac
	wipe_dir "$1"
}

instance_uri() { echo "mongodb://127.0.0.1:$(get "$1" port)/"; }

# new_dir makes a folder for an instance that the caller did not name one for.
new_dir() {
	mkdir -p "$CACHE/run"
	open_dir "$(mktemp -d "$CACHE/run/XXXXXXXX")"
}

# abandon undoes a start that did not come to its end.
abandon() {
	if [[ -n $opt_dir ]]; then
		stop_instance "$1"
	else
		remove_instance "$1"
	fi
}

# sweep removes the instances whose `with` was killed before it could.
sweep() {
	local old
	for old in "$CACHE"/run/*/; do
		old=${old%/}
		if [[ ! -s $old/owner.pid ]] || alive "$old/owner.pid"; then continue; fi
		say "removing what an earlier run left in $old"
		(
			lock_dir "$old"
			remove_instance "$old"
		) || true
	done
}

cmd_install() {
	if uri_given; then
		say "nothing to install: NAOBER_MONGO_URI is set"
		return
	fi
	choose_kind
	case $kind in
	native)
		install_native # not before &&, which would turn off set -e inside it
		say "installed in $CACHE"
		;;
	container) say "nothing to install: $engine has $image" ;;
	esac
}

cmd_start() {
	if uri_given; then
		echo "$NAOBER_MONGO_URI"
		return
	fi
	if [[ -n $opt_dir ]]; then
		open_dir "$opt_dir"
	else
		new_dir
	fi
	trap 'abandon "$dir"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	start_instance "$dir"
	trap - EXIT INT TERM
	[[ -n $opt_dir ]] || say "its folder is $dir (to end it: $0 stop --wipe --dir $dir)"
	instance_uri "$dir"
}

cmd_stop() {
	find_dir "$opt_dir"
	if [[ -n $opt_wipe ]]; then
		remove_instance "$dir"
	else
		stop_instance "$dir"
	fi
}

cmd_kill() {
	find_dir "$opt_dir"
	case $(get "$dir" kind) in
	native) kill_native "$dir" ;;
	container) in_container "$dir" kill -s KILL ;;
	esac
}

cmd_with() {
	((${#command[@]} > 0)) || usage
	if uri_given; then
		exec "${command[@]}"
	fi
	sweep
	new_dir
	record_of $$ >"$dir/owner.pid"
	trap 'end_with' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	start_instance "$dir"
	unlock_dir # COMMAND may kill and start the instance
	NAOBER_MONGO_URI=$(instance_uri "$dir")
	NAOBER_MONGO_DIR=$dir
	export NAOBER_MONGO_URI NAOBER_MONGO_DIR
	# In the background, as bash would put off a SIGTERM until a foreground command
	# has ended; but then with the terminal's signals and input it would have had.
	(
		trap - EXIT INT QUIT TERM
		exec "${command[@]}"
	) <&0 &
	child=$!
	trap 'pass_on INT 130' INT
	trap 'pass_on TERM 143' TERM
	wait "$child"
}

# pass_on lets COMMAND end before its server does.
pass_on() {
	trap '' INT TERM
	kill -s "$1" "$child" 2>/dev/null || true
	wait "$child" || true
	exit "$2"
}

end_with() {
	local status=$?
	trap '' INT TERM
	lock_dir "$dir"
	remove_instance "$dir"
	exit "$status"
}

opt_mode='' opt_port='' opt_dir='' opt_wipe='' opt_expired=''
command=()
dir='' kind='' engine='' image='' child=''

parse() {
	while (($# > 0)); do
		case $1 in
		--durable | --fast) opt_mode=${1#--} ;;
		--port | --dir)
			(($# > 1)) || usage
			printf -v "opt_${1#--}" %s "$2"
			shift
			;;
		--wipe) opt_wipe=yes ;;
		--keep-expired) opt_expired=keep ;;
		--)
			shift
			command=("$@")
			return
			;;
		*) usage ;;
		esac
		shift
	done
}

main() {
	(($# > 0)) || usage
	local name=$1
	shift
	if [[ $name == enter ]]; then enter "$@"; fi # does not come back
	parse "$@"
	case $name in
	install | start | stop | kill | with) "cmd_$name" ;;
	*) usage ;;
	esac
}

main "$@"
