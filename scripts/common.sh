# Sourced by the scripts beside it, with $root set to the checkout: packages and builds.
# POSIX sh. Exit status 3 says, as everywhere here, that the machine lacks what it takes.

table=${TCPLADDER_PACKAGES:-$root/scripts/packages}
PATH=$PATH:/usr/sbin:/sbin
log=

# tidy_when_stopped: a signal leaves no log behind. To be said again in each subshell.
tidy_when_stopped() {
    trap 'rm -f "$log"; exit 130' INT
    trap 'rm -f "$log"; exit 143' TERM HUP
}
tidy_when_stopped

say() {
    printf '%s\n' "$*" >&2
}

# fail STATUS SENTENCE: end here, saying why.
fail() {
    say "$2"
    exit "$1"
}

# quietly TITLE COMMAND...: one line of progress; what the command said is shown only if it failed,
# less the lines of progress of make and ninja.
quietly() {
    printf '%s ...' "$1" >&2
    shift
    began=$(date +%s)
    log=$(mktemp "${TMPDIR:-/tmp}/tcpladder.XXXXXX") ||
        fail 3 "No temporary file can be made in ${TMPDIR:-/tmp}: set TMPDIR to a folder you may write to."
    outcome=0
    "$@" >"$log" 2>&1 </dev/null || outcome=$?
    if [ "$outcome" -eq 0 ]; then
        printf ' done in %d s\n' $(($(date +%s) - began)) >&2
    else
        printf ' failed:\n' >&2
        grep -v '^\[ *[0-9]*\(%\|/[0-9]*\)\] ' "$log" >&2 || true
    fi
    rm -f "$log"
    log=
    return "$outcome"
}

# ---- packages -------------------------------------------------------------------------------------

package_manager() {
    if command -v apt-get; then
        manager=apt
    elif command -v dnf; then
        manager=dnf
    elif command -v pacman; then
        manager=pacman
    elif command -v apk; then
        manager=apk
    else
        manager=none
    fi >/dev/null
}

# proven PROOF: the command or header is there.
proven() {
    case $1 in
    -) return 1 ;;
    '<'*)
        header=${1#<}
        for folder in /usr/include /usr/local/include /usr/include/*-linux-*; do
            [ -e "$folder/${header%>}" ] && return 0
        done
        return 1
        ;;
    *) command -v "$1" >/dev/null ;;
    esac
}

# installed PACKAGE: the package manager says that it is there.
installed() {
    case $manager in
    apt) [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ] ;;
    dnf) rpm -q --quiet "$1" ;;
    pacman) pacman -Qq "$1" >/dev/null 2>&1 ;;
    apk) apk info -e -q "$1" ;;
    none) false ;;
    esac
}

# missing_packages NEED...: the names of what is missing for these needs, on one line.
missing_packages() {
    found=
    while read -r need proof apt dnf pacman apk; do
        case " $* " in
        *" $need "*) ;;
        *) continue ;;
        esac
        case $manager in
        apt) package=$apt ;;
        dnf) package=$dnf ;;
        pacman) package=$pacman ;;
        apk) package=$apk ;;
        none) package=$proof ;;
        esac
        [ "$package" = - ] || proven "$proof" || installed "$package" || found="$found $package"
    done <"$table"
    printf '%s\n' "${found# }"
}

# install_command PACKAGE...: the command that installs them, without sudo.
install_command() {
    case $manager in
    apt) printf 'apt-get install -y --no-install-recommends %s\n' "$*" ;;
    dnf) printf 'dnf install -y %s\n' "$*" ;;
    pacman) printf 'pacman -S --needed --noconfirm %s\n' "$*" ;;
    apk) printf 'apk add %s\n' "$*" ;;
    esac
}

# apt_get ARGS...: apt-get that asks nothing, waits for another's lock, and installs by $become.
apt_get() {
    $become env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@"
}

# The package lists are fetched only where there are none, or where they proved too old. They have a
# lock of their own, for which apt-get does not wait.
apt_update() {
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        apt_get update && return 0
        sleep "$attempt"
    done
    return 1
}

install_packages() {
    if [ "$manager" != apt ]; then
        $become $(install_command "$@")
        return
    fi
    set -- install -y --no-install-recommends "$@"
    if ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 && apt_get "$@"; then
        return 0
    fi
    apt_update && apt_get "$@"
}

# may_install: sets $become to what makes us root; false where nothing can. sudo only counts where
# it can work: it asks for no password, or there is a terminal to ask on.
may_install() {
    become=
    [ "$(id -u)" -eq 0 ] && return 0
    command -v sudo >/dev/null || return 1
    become=sudo
    sudo -n true 2>/dev/null || [ -t 0 ]
}

# need_packages NEED...: install what is missing for these needs, or say how and exit with 3. Where
# MISSING_IS_FINE is set, only say so and go on.
need_packages() {
    package_manager
    missing=$(missing_packages "$@")
    [ -n "$missing" ] || return 0
    if [ "$manager" = none ]; then
        command="No package manager that is known here (apt, dnf, pacman, apk) was found: install them your system's way."
    elif command -v sudo >/dev/null; then
        command="Install with:  sudo $(install_command $missing)"
    else
        command="Install as root with:  $(install_command $missing)"
    fi
    if [ "$manager" != none ] && may_install; then
        say "Missing on this machine: $missing"
        say "Installing by:  ${become:+$become }$(install_command $missing)"
        if [ -z "$become" ] || sudo -v; then
            quietly "Installing" install_packages $missing && return 0
        fi
        command="They could not be installed. $command"
    else
        command="Missing on this machine: $missing
$command"
    fi
    say "$command"
    [ -n "${MISSING_IS_FINE:-}" ] || exit 3
}

# ---- builds ---------------------------------------------------------------------------------------

# private_folder: where to build when the checkout is not ours to write to; a folder a checkout.
private_folder() {
    mark=$(printf '%s' "$root" | cksum)
    cache=${XDG_CACHE_HOME:-${HOME:-/nonexistent}/.cache}/tcpladder
    if ! { mkdir -p "$cache" && [ -w "$cache" ]; } 2>/dev/null; then
        cache=${TMPDIR:-/tmp}/tcpladder-$(id -u)
        mkdir -m 700 "$cache" 2>/dev/null || true
        if [ -L "$cache" ] || [ "$(stat -c '%u %a' "$cache" 2>/dev/null)" != "$(id -u) 700" ]; then
            fail 3 "$cache is not a private folder of yours, so nothing is built there: remove it, or set XDG_CACHE_HOME to a folder you may write to."
        fi
    fi
    printf '%s\n' "$cache/${mark%% *}"
}

# writable FOLDER: it, or the nearest folder above it that exists, can be written to.
writable() {
    place=$1
    while [ ! -e "$place" ]; do
        place=${place%/*}
    done
    [ -w "$place" ]
}

# is_current FOLDER: the last build there succeeded, was of this checkout, and nothing has changed.
is_current() {
    [ -r "$1/.built-from" ] && read -r built_from <"$1/.built-from" &&
        [ "$built_from" = "$root" ] &&
        [ -z "$(find "$root/CMakeLists.txt" "$root/CMakePresets.json" "$root/scripts/layers" \
            "$root/tracer" "$root/labs" -newer "$1/.built-from" -print -quit 2>&1)" ]
}

# choose_folder PRESET: sets $folder to where that preset is, or will be, built.
choose_folder() {
    folder=$root/build/$1
    if ! writable "$folder" && ! is_current "$folder"; then
        folder=$(private_folder) || exit 3
        folder=$folder/$1
    fi
}

# The two commands of a build, run as one by build(). make would start cmake once or twice for each file, which
# takes a fourth of the time; a folder that was made for make stays so.
configure_and_compile() {
    if command -v ninja >/dev/null; then
        export CMAKE_GENERATOR="${CMAKE_GENERATOR:-Ninja}"
    fi
    cmake -S "$root" --preset "$1" -B "$folder" || return 1
    cmake --build "$folder" -j "$(nproc 2>/dev/null || echo 2)"
}

# build PRESET: bring $folder up to date. Builds of one folder wait for each other.
build() {
    version=$(cmake --version 2>/dev/null | sed -n '1s/.* \([0-9]*\)\.\([0-9]*\).*/\1 \2/p')
    if [ -n "$version" ] && [ "${version% *}" -eq 3 ] && [ "${version#* }" -lt 22 ]; then
        fail 3 "CMake 3.22 or later is needed, this is $(cmake --version | head -1): see https://cmake.org/download."
    fi
    mkdir -p "$folder" || fail 3 "$folder cannot be made, so nothing can be built there."
    (
        tidy_when_stopped
        if command -v flock >/dev/null; then
            flock 9
        fi
        # A build folder that was copied along with its checkout still speaks of the old place.
        if [ -e "$folder/CMakeCache.txt" ] &&
            ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
            rm -rf "$folder/CMakeCache.txt" "$folder/CMakeFiles"
        fi
        printf '%s\n' "$root" >"$folder/.building-from"
        quietly "Building $1 in $folder" configure_and_compile "$1" 9>&- || exit 1
        mv "$folder/.building-from" "$folder/.built-from"
    ) 9>"$folder/.lock"
}
