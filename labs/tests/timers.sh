# What timers.test and timers.soak share; sourced after lib.sh.
tools=$(cd "$bin/../tests" && pwd)
[ -x "$tools/stream" ] && [ -x "$tools/sequence" ] || skip "the tests' own programs were not built"

# A run, in $dir/session; made again where it is void, and the states that the kernels told are implied.
trace_once() {
    as "$user" timeout 120 "$bin/tcplab" trace --text -w "$dir/session" "$@" >"$dir/out" 2>"$dir/err" </dev/null
}
trace() { # WHAT ARGUMENTS...
    what=$1
    shift
    unless_void trace_once "$@"
    status=$?
    [ $status = 0 ] || fault "$what as $user: exit $status: $(cat "$dir/out" "$dir/err")"
    "$tools/sequence" "$dir/session" >"$dir/sequence" 2>"$dir/kernel" ||
        fault "$what as $user: $(cat "$dir/kernel")"
}
states() { # LINE: of one host's states
    grep -qxF -e "$1" "$dir/sequence" || fault "$what as $user: no line '$1': $(cat "$dir/sequence")"
}
told() { # PATTERN: in the walk-through
    grep -q -e "$1" "$dir/out" || fault "$what as $user: nothing says '$1': $(cat "$dir/out")"
}
holds() {
    cat >"$dir/expected"
    "$bin/tcpladder" -r "$dir/session" --expect "$dir/expected" >"$dir/report" 2>&1 ||
        fault "$what as $user: $(cat "$dir/report")"
}
# views WHY: every way to tell it does.
views() {
    "$bin/tcpladder" --json -r "$dir/session" | grep -q '"type":"state".*"cause":"timer"' ||
        fault "$what as $user: --json does not tell of the timer"
    "$bin/tcpladder" --walk -r "$dir/session" | grep -q "$1" || fault "$what as $user: --walk does not tell"
    command -v tmux >/dev/null || { echo "SKIP: tmux is not installed: the screen is not looked at"; return; }
    at_end() { [ ! -e "$dir/tmux" ] || tmux -S "$dir/tmux" kill-server 2>/dev/null; }
    tmux -S "$dir/tmux" new-session -d -x 130 -y 45 "env LC_ALL=C.UTF-8 '$bin/tcpladder' -r '$dir/session'"
    within 10 screen_has 'CLOSED, by a timer' || fault "$what as $user: the ladder does not show it: $(screen)"
    tmux -S "$dir/tmux" send-keys T Right Right Right
    within 10 screen_has 'ran out' || fault "$what as $user: the states do not show it: $(screen)"
    tmux -S "$dir/tmux" kill-server
}
screen() { tmux -S "$dir/tmux" capture-pane -p 2>/dev/null; }
screen_has() { screen | grep -q -e "$1"; }
