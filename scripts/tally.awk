# Reads ctest's JUnit file and counts: prints "SKIP name: reason" for each thing skipped, "FAIL name"
# for each failure, and last "passed failed skipped". A test says what it skipped of itself, and why,
# in lines that begin with "SKIP: "; where there are none, cmocka's own words say what.
function plain(s) {
    gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&quot;/, "\"", s)
    gsub(/&apos;/, "'", s); gsub(/&amp;/, "\\&", s)
    return s
}
function attribute(line, name) {
    if (!match(line, name "=\"[^\"]*\"")) return ""
    return plain(substr(line, RSTART + length(name) + 2, RLENGTH - length(name) - 3))
}
function output(line) {
    sub(/.*<system-out>/, "", line); sub(/<\/system-out>.*/, "", line)
    line = plain(line)
    if (line ~ /[^ \t]/) last = line
    if (line ~ /^SKIP: /) reasons[++parts] = substr(line, 7)
    if (line ~ /^\[  SKIPPED \] [A-Za-z_]/) cmocka[substr(line, 14)] = 1
}
/<testcase / {
    name = attribute($0, "name"); status = attribute($0, "status")
    skipped = 0; parts = 0; last = ""; inside = 0; split("", cmocka)
}
/<skipped message="SKIP_RETURN_CODE/ { skipped = 1 }
/<system-out>/ { inside = 1 }
inside { output($0) }
/<\/system-out>/ { inside = 0 }
/<\/testcase>/ {
    if (parts == 0) for (part in cmocka) reasons[++parts] = part " (see the test)"
    if (skipped && parts == 0) reasons[++parts] = last == "" ? "no reason given" : last
    for (i = 1; i <= parts; i++) print "SKIP " name ": " reasons[i]
    skips += parts
    if (status == "run") passes++
    else if (!skipped) { fails++; print "FAIL " name }
}
END { print passes + 0, fails + 0, skips + 0 }
