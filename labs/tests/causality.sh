# try_causality USER PROCESSES EACH: so many connections, recorded and checked. A run that lost frames
# says so itself, by status 4, and is made again: that is no verdict on order. Twice it is a fault.
try_causality() {
    tools=$bin/../tests
    [ -x "$tools/causality" ] || skip "the tests' own programs were not built"
    count=$(($2 * $3))
    for attempt in 1 2; do
        as "$1" timeout 250 "$bin/tcplab" trace --text -w "$tmp/$1.session" \
            --server "exec '$tools/many-connections' server 9502 $count" -- \
            "$tools/many-connections" client S 9502 "$2" "$3" >"$tmp/$1.out" 2>"$tmp/$1.err" </dev/null
        status=$?
        [ $status = 4 ] || break
        echo "as $1: void: $(cat "$tmp/$1.err")"
    done
    [ $status = 0 ] || fault "as $1: exit $status: $(cat "$tmp/$1.err")"
    "$tools/causality" "$tmp/$1.session" "$count" || fault "as $1: the order is broken"
}
