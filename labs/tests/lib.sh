# What the whole-program tests of the labs share. A test sources it with its own $1, the folder of the
# built programs:  . "$(dirname "$0")/lib.sh"
#
#   $bin, $tmp         the programs; a folder of this test's own, which anyone may write to
#   $users             whom to run as: "root nobody" for root, else "self"
#   as USER COMMAND    run it as that user, in the environment that a bare account has
#   fault SENTENCE     count a fault; `finish` ends the test with them
#   within SECONDS COMMAND    try until it succeeds
#   unless_void COMMAND       again where it ends with 4: on a busy machine a run may be void
#   beside USER CHECK...      the check as USER ($user), in a folder of its own ($dir), beside others;
#   in_turns CHECK...         each of them beside the others, by one of $users after the other
#   all_told                  waits for them, tells what they told, and counts their faults
bin=$(cd "$1" && pwd) || exit 1
skip() {
    echo "SKIP: $*"
    exit 77
}
[ -x "$bin/tcplab" ] && [ -x "$bin/tcpladder" ] || skip "tcplab was not built"

umask 022
tmp=$(mktemp -d /tmp/labs-test.XXXXXX) || exit 1
chmod 1777 "$tmp"
at_end() { :; } # a test may have more to do
trap 'at_end; stop_jobs; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM PIPE
# Every process of a run carries this in its environment, and its files have one place to be.
export TCPLAB_TEST="$tmp" TMPDIR="$tmp" XDG_STATE_HOME="$tmp/state-of-self"

faults=0
fault() {
    echo "FAULT: $*"
    faults=$((faults + 1))
}
finish() {
    [ "$faults" -eq 0 ] && exit 0
    echo "$faults faults"
    exit 1
}

# Call `among_no_others "$@"` before anything else where other labs of this user would be taken for
# this test's: in a pid namespace of its own there are none.
among_no_others() {
    [ -z "$TCPLAB_ALONE" ] && [ "$(id -u)" = 0 ] || return 0
    unshare --pid --fork --mount-proc true 2>/dev/null || return 0
    rm -rf "$tmp"
    TCPLAB_ALONE=1 exec unshare --pid --fork --kill-child --mount-proc "$0" "$@"
}

within() { # SECONDS COMMAND...
    tries=$(($1 * 20))
    shift
    while ! "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 0.05
    done
}

unless_void() { # COMMAND...
    for void_attempt in 1 2 3; do
        void_status=0
        "$@" || void_status=$?
        [ "$void_status" = 4 ] || return "$void_status"
    done
    return 4
}

# ---- beside each other ---------------------------------------------------------------------------
# Most of a run is waiting for timers. So many checks at a time leave each of them the processor in time.
at_once=${TCPLAB_AT_ONCE:-4}
jobs='' job_count=0
beside() { # USER CHECK ARGUMENTS...
    job_count=$((job_count + 1))
    while [ "$(echo "$jobs" | wc -w)" -ge "$at_once" ]; do
        await_job ${jobs%% *}
    done
    (
        user=$1 dir=$tmp/$job_count.$1.$2 faults=0 jobs=
        shift
        trap - EXIT
        trap 'exit 1' HUP INT TERM PIPE
        at_end() { :; }
        as "$user" mkdir "$dir" "$dir/tmp" && chmod 1777 "$dir" "$dir/tmp" || exit 1
        export TMPDIR="$dir/tmp"
        trap 'at_end' EXIT
        "$@"
        finish
    ) >"$tmp/job.$job_count" 2>&1 &
    jobs="${jobs:+$jobs }$!:$job_count"
}
await_job() { # PID:NUMBER
    jobs=${jobs#"$1"}
    jobs=${jobs# }
    wait "${1%:*}"
    job_status=$?
    job_faults=$(grep -c '^FAULT' "$tmp/job.${1#*:}")
    [ $job_status = 0 ] || [ "$job_faults" -gt 0 ] || job_faults=1
    faults=$((faults + job_faults))
    cat "$tmp/job.${1#*:}"
}
all_told() {
    while [ -n "$jobs" ]; do
        await_job ${jobs%% *}
    done
}
stop_jobs() {
    for job in $jobs; do
        kill "${job%:*}" 2>/dev/null
        wait "${job%:*}"
    done
}
# Each check once, beside the others, the users taking turns: what it proves does not hang on the user.
in_turns() { # CHECK...
    turn=0
    for check; do
        turn=$((turn + 1))
        [ $((turn % 2)) = 0 ] && beside "${users##* }" "$check" || beside "${users%% *}" "$check"
    done
    all_told
}

# ---- as another user ------------------------------------------------------------------------------
users=self
if [ "$(id -u)" = 0 ]; then
    users=root
    if setpriv --reuid=65534 --regid=65534 --clear-groups true 2>/dev/null; then
        users="root nobody"
        if ! setpriv --reuid=65534 --regid=65534 --clear-groups test -x "$bin/tcplab"; then
            cp -R "$bin" "$tmp/bin" # nobody cannot reach the build folder
            chmod -R a+rX "$tmp/bin"
            [ ! -d "$bin/../share" ] || cp -R "$bin/../share" "$tmp/share" # what it says
            [ ! -d "$bin/../tests" ] || ln -s "$bin/../tests" "$tmp/tests"
            bin=$tmp/bin
        fi
    else
        echo "SKIP: setpriv cannot become nobody: all that is run, is run as root only"
    fi
fi

as() { # USER COMMAND...
    as_user=$1
    shift
    $(become "$as_user") "$@"
}
become() { # USER: the words that are put before a command
    [ "$1" != nobody ] ||
        echo env HOME=/nonexistent XDG_STATE_HOME="$tmp/state-of-nobody" setpriv --reuid=65534 --regid=65534 --clear-groups
}

# A machine that refuses the two hosts, or gives them to root alone, refuses these tests: runs would
# begin with an announcement. It says why itself. What a lower tier shows is held by fallback.test.
need_hosts() { # USER
    as "$1" timeout 60 "$bin/tcplab" trace --text -w "$tmp/tier.$1" -- true >"$tmp/refusal" 2>&1 </dev/null
    grep -aq '"tier":"hosts"' "$tmp/tier.$1"
}
need_hosts "${users%% *}" || skip "no hosts here: $(cat "$tmp/refusal")"
case $users in
*nobody) need_hosts nobody || {
    echo "SKIP: no hosts here for an ordinary user: $(cat "$tmp/refusal")"
    users=root
} ;;
esac

# ---- what a session holds -------------------------------------------------------------------------
# tcpdump reads from standard input: where it is run by root it drops its rights before it opens files.
dump() { # FILE ARGUMENTS...
    dump_file=$1
    shift
    tcpdump -nn -t -r - "$@" <"$dump_file" 2>/dev/null
}

# segments FILE: one a line, as tcpdump tells them, without window, options and port, the first
# sequence numbers as J and K: "C [S.] seq K, ack J+1, length 0".
segments() {
    dump "$1" tcp | awk '
        { from = $2 ~ /^10\.0\.0\.1\./ ? "C" : "S"
          sub(/^.*Flags /, ""); sub(/, win [0-9]+/, ""); sub(/, options \[[^]]*\]/, "")
          sub(/\],/, "]")
          if ($1 == "[S]") { j = $3 + 0; sub(/seq [0-9]+/, "seq J") }
          if ($1 == "[S.]") sub(/seq [0-9]+/, "seq K")
          if ($4 == "ack" && $5 + 0 == j + 1) sub(/ack [0-9]+/, "ack J+1")
          print from, $0 }'
}

# in_order FILE PATTERN...: each pattern (grep's) matches a line after the one before it.
in_order() {
    order_file=$1 order_at=0
    shift
    for pattern; do
        order_next=$(tail -n "+$((order_at + 1))" "$order_file" | grep -n -m 1 -e "$pattern")
        [ -n "$order_next" ] || {
            fault "after line $order_at of the story there is no line that says '$pattern'"
            return 1
        }
        order_at=$((order_at + ${order_next%%:*}))
    done
}
