# shellcheck shell=sh
# An engine to run containers with, for scripts that read this file in: the one that runs, or one that is started and stopped here.
#
#   engine_start FOLDER    an engine that answers: DOCKER_HOST is set if it was started here, with its images in FOLDER/engine
#   engine_stop            ends what engine_start began, by its process id, and nothing else
#   compose ARGUMENT…      `docker compose`, or docker-compose where that is what there is
#   build_image ARGUMENT…  `docker build`, with the builder that there is
#
# What an engine of one's own takes: root, with the right to mount and to make network devices (a container has that only if it was
# started as privileged); control groups; a kernel with veth and bridge; iptables. engine_start looks at each, and says what is
# missing before dockerd would in many lines. Layers lie in overlays where the file system allows it, and are copied (vfs) where not.

engine_folder=
engine_process=

engine_fail() {
    printf 'engine: error: %s\n' "$1" >&2
    shift
    for hint; do
        printf 'engine: hint: %s\n' "$hint" >&2
    done
    return 1
}

engine_answers() {
    docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# Can an overlay be mounted with its upper layer here? Not on an overlay itself, for example.
engine_has_overlay() { # FOLDER
    mkdir -p "$1/lower" "$1/upper" "$1/work" "$1/merged"
    if mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged" 2>/dev/null; then
        umount "$1/merged"
        rm -rf "$1"
    else
        rm -rf "$1"
        return 1
    fi
}

engine_has_links() {
    ip link add veilsum0 type veth peer name veilsum1 2>/dev/null && ip link delete veilsum0 2>/dev/null
}

engine_check() {
    command -v docker >/dev/null || engine_fail 'there is no docker' 'as root: apt-get install docker.io' || return 1
    command -v dockerd >/dev/null || engine_fail 'there is no dockerd' 'as root: apt-get install docker.io' || return 1
    [ "$(id -u)" -eq 0 ] || engine_fail 'no engine answers, and starting one takes root' \
        'run this as root, or start an engine that you may use, and see that docker version answers' || return 1
    [ -d /sys/fs/cgroup/memory ] || [ -f /sys/fs/cgroup/cgroup.controllers ] ||
        engine_fail 'no control groups are mounted in /sys/fs/cgroup' 'mount -t cgroup2 none /sys/fs/cgroup' || return 1
    engine_has_links || engine_fail 'this machine gives no network devices to containers (veth)' \
        'in a container: start it with --privileged; else the kernel needs CONFIG_VETH and CONFIG_BRIDGE' || return 1
    iptables -t nat -L -n >/dev/null 2>&1 || engine_fail 'iptables does not work here' \
        'apt-get install iptables, or: update-alternatives --set iptables /usr/sbin/iptables-legacy' || return 1
}

# dockerd lets the machine forward, without which containers do not reach each other, and drop what is not theirs. Both are set back
# when it has ended. There is no default bridge: the networks are those of the compose files. A session of its own keeps a Ctrl-C at
# the terminal from it: first the containers go.
engine_launch() { # FOLDER STORAGE-DRIVER
    engine_forwards=$(cat /proc/sys/net/ipv4/ip_forward)
    engine_policy=$(iptables -S FORWARD | awk '$1 == "-P" { print $3 }')
    engine_folder=$(mktemp -d "${TMPDIR:-/tmp}/veilsum-engine.XXXXXX")
    setsid dockerd --host "unix://$engine_folder/socket" --data-root "$1/engine" --exec-root "$engine_folder/run" \
        --pidfile "$engine_folder/pid" --storage-driver "$2" --bridge none \
        >"$1/engine.log" 2>&1 </dev/null &
    engine_process=$!
    DOCKER_HOST=unix://$engine_folder/socket
    export DOCKER_HOST
}

engine_start() {
    mkdir -p "$1"
    if engine_answers; then
        return 0
    fi
    engine_check || return 1
    engine_driver=overlay2
    engine_has_overlay "$1/overlay" || engine_driver=vfs
    engine_launch "$1" $engine_driver
    engine_waited=0
    until engine_answers; do
        engine_waited=$((engine_waited + 1))
        if [ $engine_waited -gt 300 ] || ! kill -0 "$engine_process" 2>/dev/null; then
            engine_stop
            engine_fail "dockerd did not start: $(grep -v 'level=info' "$1/engine.log" | tail -n 1)" \
                "all that it said is in $1/engine.log"
            return 1
        fi
        sleep 0.2
    done
}

engine_stop() {
    [ -n "$engine_process" ] || return 0
    kill "$engine_process" 2>/dev/null || true
    wait "$engine_process" 2>/dev/null || true
    engine_process=
    echo "$engine_forwards" >/proc/sys/net/ipv4/ip_forward
    iptables -P FORWARD "$engine_policy"
    awk -v folder="$engine_folder/" 'index($2, folder) == 1 { print $2 }' /proc/mounts | sort -r |
        while read -r engine_mount; do
            umount "$engine_mount"
        done
    rm -rf --one-file-system "$engine_folder"
    unset DOCKER_HOST
}

compose() {
    if docker compose version >/dev/null 2>&1; then
        docker compose "$@"
    else
        docker-compose "$@"
    fi
}

# A client may know how to ask for BuildKit without having it; what the older builder does is enough.
build_image() {
    if docker buildx version >/dev/null 2>&1; then
        docker build "$@"
    else
        DOCKER_BUILDKIT=0 docker build "$@"
    fi
}
