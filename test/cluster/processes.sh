# Sourced by up.sh and down.sh: processes by pid and start time, since pids come round. $state is the folder of the cluster.

start_time() { cut -d' ' -f22 "/proc/$1/stat" 2>/dev/null; }

# start NAME NETNS|- COMMAND...: in a session of its own, with its output in a log.
start() {
  local name=$1 netns=$2 enter=() pid
  shift 2
  [ "$netns" = - ] || enter=(nsenter "--net=/run/netns/$netns")
  setsid "${enter[@]}" "$@" </dev/null >>"$state/$name.log" 2>&1 8>&- &
  pid=$!
  echo "$pid $(start_time $pid)" >"$state/pids/$name"
}

is_same() { [ "$(start_time "$1")" = "$2" ]; }

is_alive() {
  local pid started
  [ -r "$state/pids/$1" ] || return 1
  read -r pid started <"$state/pids/$1"
  is_same "$pid" "$started"
}

# signal_all SIGNAL PATTERN: to every process that was started under a name of this pattern.
signal_all() {
  local file pid started
  for file in "$state"/pids/$2; do
    [ -r "$file" ] || continue
    read -r pid started <"$file"
    if is_same "$pid" "$started"; then kill "-$1" "$pid" 2>/dev/null || true; fi
  done
}

any_alive() {
  local file
  for file in "$state"/pids/$1; do
    [ -e "$file" ] && is_alive "${file##*/}" && return 0
  done
  return 1
}

# stop PATTERN: SIGTERM, and SIGKILL after 5 s.
stop() {
  local tries
  signal_all TERM "$1"
  for tries in $(seq 50); do
    any_alive "$1" || break
    sleep .1
  done
  signal_all KILL "$1"
}

# wait_for SECONDS WHAT COMMAND...
wait_for() {
  local tries=$(($1 * 5)) what=$2
  shift 2
  while ! "$@" >/dev/null 2>&1; do
    [ $((tries--)) -gt 0 ] || { echo "cluster up: $what took too long" >&2; return 1; }
    sleep .2
  done
}
