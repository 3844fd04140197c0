# The same seed and rules give the same segments, with the same fates, in the same causal order, and what
# the segments imply is what the kernels say. A test sources it after lib.sh.
#
# A row a case: its name, an option and its value, the server's words, the client's words: the programs
# are those of stream.c.
cases='syn|--wire|drop C > S [S] first|take 9502|send S 9502 1 1000
third|--wire|drop C > S data 3|take 9502|send S 9502 1 11584
last-ack|--wire|drop C > S [.] ack K+2 first|take 9502|send S 9502 1 1000
zero-window|--wire|drop C > S data 99|slow 9502 1300|send S 9502 1 7000
seeded|--wire|drop tcp probability 20% seed 4|take 9502|send S 9502 1 3000
crossing|--wire|hold S > C [F.] until C > S [F.]|end 9502|part S 9502 100
closed-port|--set|syn-retries=1||part S 9502 0
black-hole|--set|syn-retries=1|take 9502|part S 9502 0'

tools=$(cd "$bin/../tests" && pwd)
[ -x "$tools/stream" ] && [ -x "$tools/sequence" ] || skip "the tests' own programs were not built"

# A run of a case, in $tmp/NAME.session; 77 where that is void. $run is its number: users take turns.
run_case() { # RUN NAME OPTION VALUE SERVER CLIENT
    case_run=$1 case_name=$2 case_option=$3 case_value=$4 case_server=$5 case_client=$6
    case_user=${users%% *}
    [ $((case_run % 2)) = 0 ] || case_user=${users##* }
    set -- "$case_option" "$case_value"
    [ "$case_name" != black-hole ] || set -- "$@" --wire 'drop C > S'
    [ -z "$case_server" ] || set -- "$@" --server "exec $tools/stream $case_server"
    rm -f "$tmp/$case_name.session"
    as "$case_user" timeout 20 "$bin/tcplab" trace --text -w "$tmp/$case_name.session" "$@" -- \
        "$tools/stream" $case_client >"$tmp/$case_name.out" 2>"$tmp/$case_name.err" </dev/null
    case_status=$?
    [ $case_status != 4 ] || return 77
    # S ends at once and C a tenth of a second later, by its own clock: where S's program came to it later
    # still, nothing releases its FIN, and the run is another one.
    [ $case_name-$case_status != crossing-124 ] || { echo "S's program was too late" >"$tmp/$case_name.err"; return 77; }
    [ $case_status = 0 ] || {
        echo "FAULT: $case_name as $case_user: exit $case_status: $(cat "$tmp/$case_name.out" "$tmp/$case_name.err")"
        return 1
    }
}

# So many runs of a case, each the same as the first: its faults go to $tmp/NAME.faults.
repeat_case() { # TIMES NAME OPTION VALUE SERVER CLIENT
    times=$1 name=$2 done=0 voids=0 tries=0
    shift
    : >"$tmp/$name.faults"
    while [ $done -lt "$times" ]; do
        tries=$((tries + 1))
        run_case "$tries" "$@"
        case $? in
        0) ;;
        77)
            voids=$((voids + 1))
            echo "$name: void: $(cat "$tmp/$name.err")"
            [ $voids -le "$times" ] || {
                echo "FAULT: $name: $voids of $tries runs are void"
                return 1
            }
            continue
            ;;
        *) return 1 ;;
        esac
        done=$((done + 1))
        "$tools/sequence" "$tmp/$name.session" >"$tmp/$name.sequence" 2>"$tmp/$name.kernel" || {
            echo "FAULT: $name, run $done: $(cat "$tmp/$name.kernel")"
            cp "$tmp/$name.session" "${TCPLADDER_KEEP:-$tmp}/$name.$tries.kernel.pcap"
        }
        [ -e "$tmp/$name.first" ] || cp "$tmp/$name.sequence" "$tmp/$name.first"
        cmp -s "$tmp/$name.first" "$tmp/$name.sequence" || {
            echo "FAULT: $name, run $done differs:"
            diff "$tmp/$name.first" "$tmp/$name.sequence"
            cp "$tmp/$name.session" "${TCPLADDER_KEEP:-$tmp}/$name.$tries.differs.pcap"
        }
    done
    echo "$name: $done runs, $voids void"
}

# All cases side by side: most of each is waiting.
repeat_all() { # TIMES
    repeating=
    while IFS='|' read -r name option value server client; do
        repeat_case "$1" "$name" "$option" "$value" "$server" "$client" >"$tmp/$name.told" 2>&1 &
        repeating="$repeating $!"
    done <<END
$cases
END
    wait $repeating
    repeating=
    cat "$tmp"/*.told
    faults=$((faults + $(cat "$tmp"/*.told | grep -c '^FAULT')))
}
