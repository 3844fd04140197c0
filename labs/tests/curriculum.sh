# try_curriculum RUNS: every lab of the catalog so often, by running what its folder promises: in a live run
# every step is come to, every question is answered and every expectation met; the reference meets all of
# them, each broken variant misses just the one that it says, and the starter is not right yet.
lint_lab() { # FOLDER: it is to have run a starter, a reference and a broken variant at least
    "$bin/tcplab" lint --runs $runs "$1" >"$dir/out" 2>&1 || fault "tcplab lint $1: $(cat "$dir/out")"
    programs=$(sed -n 's/^1 labs*, \([0-9]*\) programs run .*/\1/p' "$dir/out")
    [ "${programs:-0}" -ge 3 ] || fault "of $1 only ${programs:-0} programs were run: $(cat "$dir/out")"
    ! ls "$TMPDIR" | grep -q tcplab-room || fault "left behind: $(ls "$TMPDIR")"
}
lesson_once() { # FOLDER: its own programs; the papers of both languages are held against this session
    as "$user" timeout 120 "$bin/tcplab" run "$1" --text --ladder -w "$dir/session" >"$dir/out" 2>&1 </dev/null
}
lesson() { # FOLDER
    for run in $(seq $runs); do
        unless_void lesson_once "$1" || fault "$user: tcplab run $1: exit $?: $(cat "$dir/out")"
        rm -rf "$dir/lab"
        cp -R "$1" "$dir/lab" && cp "$dir/session" "$dir/lab/recorded.pcap"
        "$bin/tcplab" lint --runs 0 "$dir/lab" >"$dir/out" 2>&1 || fault "$user: a live run of $1: $(cat "$dir/out")"
    done
}
try_curriculum() { # RUNS
    runs=$1
    turn=0
    for lab in "$bin"/catalog/*/; do
        turn=$((turn + 1))
        beside self lint_lab "$lab"
        if [ $((turn % 2)) = 0 ]; then beside "${users##* }" lesson "$lab"; else beside "${users%% *}" lesson "$lab"; fi
    done
    all_told
    [ $turn = "$("$bin/tcplab" list | grep -c '^[a-z0-9-]*  *[1-9] ')" ] || fault "$turn labs are not those of the list"
    echo "$turn labs"
}
