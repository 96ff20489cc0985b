#!/bin/sh
# Gives a node its HTTP proxy and CA, or removes them again. `http-proxy nodes` wrote this script and the files beside it.
#
#   apply.sh apply    put the files in place, and restart the running units whose files changed
#   apply.sh check    name what differs from the files beside this script; exit status 1 if anything does
#   apply.sh remove   take out what apply put in, and nothing else
#
# ROOT  the node's root folder if it is not /: where a pod mounts it, such as /host
# RUN   prefix for commands that must run on the node itself (systemctl, the update of the trust store), such as
#       "nsenter --target 1 --mount --" in a pod, or "chroot /mnt" for an image
#
# Links are followed: a file that is a symbolic link stays one, and its target changes. Nothing gets a mode wider than it had.
# Before anything changes, the script checks that what it needs is there.
#
# ROOT/var/lib/http-proxy-policy records what was put in and what is still to be done, before it is done: an interrupted run
# can be repeated.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=${ROOT:-}
root=${root%/}
state=$root/var/lib/http-proxy-policy
begin='# BEGIN http-proxy-policy'
end='# END http-proxy-policy'
newline='
'

say() { printf '%s\n' "$*"; }

fail() {
    printf 'apply.sh: %s\n' "$*" >&2
    exit 1
}

on_node() {
    # shellcheck disable=SC2086 # several words
    ${RUN:-} "$@"
}

# Where the node's trust store takes certificates from, with which suffix, and what renews the store.
trust_store() {
    suffix=crt
    if grep -Eqs '^ID="?flatcar"?$' "$root/etc/os-release"; then
        anchors=etc/ssl/certs suffix=pem update=update-ca-certificates
    elif [ -d "$root/etc/pki/ca-trust/source/anchors" ]; then # Red Hat, Amazon Linux
        anchors=etc/pki/ca-trust/source/anchors update=update-ca-trust
    elif [ -d "$root/usr/share/pki/ca-trust-source/anchors" ]; then # Azure Linux
        anchors=usr/share/pki/ca-trust-source/anchors update=update-ca-trust
    elif [ -d "$root/etc/pki/trust/anchors" ]; then # SUSE
        anchors=etc/pki/trust/anchors update=update-ca-certificates
    elif [ -d "$root/usr/local/share/ca-certificates" ] || [ -e "$root/usr/sbin/update-ca-certificates" ]; then # Debian
        anchors=usr/local/share/ca-certificates update=update-ca-certificates
    else
        fail 'no known trust store: install the package ca-certificates'
    fi
}

# target KIND NAME: the path of an item below the root.
target() {
    if [ "$1" = ca ]; then
        trust_store
        say "$anchors/http-proxy-policy-${2%.crt}.$suffix"
    else
        say "$2"
    fi
}

# follow PATH: sets file to the place below the root to which a path leads. The links of a node mean its own root.
follow() {
    rest=$1 file='' links=0
    while [ "$rest" ]; do
        part=${rest%%/*}
        case $rest in */*) rest=${rest#*/} ;; *) rest='' ;; esac
        case $part in
            '' | .) continue ;;
            ..) file=${file%/*} && continue ;;
        esac
        if [ ! -L "$root$file/$part" ]; then
            file=$file/$part
            continue
        fi
        links=$((links + 1))
        [ "$links" -le 40 ] || fail "/$1: the symbolic links go round in a circle"
        link=$(readlink "$root$file/$part")
        case $link in /*) file='' ;; esac
        rest=$link/$rest
    done
    file=$root$file
}

# mode_of FILE: its mode, - where it does not exist.
mode_of() {
    if [ -e "$1" ]; then stat -c %a "$1"; else say -; fi
}

# put FILE MODE: replaces a file with standard input, in one step.
put() {
    mkdir -p "$(dirname "$1")"
    new=$(dirname "$1")/.http-proxy-policy.new
    rm -f "$new"
    (umask 077 && cat >"$new")
    if [ -e "$1" ]; then
        chown "$(stat -c %u:%g "$1")" "$new"
    fi
    chmod "$2" "$new"
    mv -f "$new" "$1"
}

# on_node_is COMMAND: whether the node has it.
on_node_is() {
    # shellcheck disable=SC2016 # of the inner shell
    on_node sh -c 'command -v "$1" >/dev/null' sh "$1"
}

# Fails, with nothing changed, where something is missing. ITEMS are lines of the manifest or the record.
prepare() { # ITEMS
    while read -r kind name mode units; do
        if [ -z "$kind" ]; then continue; fi
        if [ "$kind" = ca ]; then
            trust_store
            on_node_is "$update" || fail "$update is not there: install the package ca-certificates"
        fi
        if [ "${units%% *}" != - ]; then
            on_node_is systemctl || fail 'systemctl is not there: this format is for nodes with systemd'
        fi
        if [ "$kind" = block ]; then
            follow "$name"
            without_block "$file" >/dev/null
        fi
    done <<EOF
$1
EOF
}

# is_in_order FILE: whether each beginning of a block is followed by its end.
is_in_order() {
    next=$begin
    while read -r line; do
        [ "$line" ] || continue
        [ "$line" = "$next" ] || return 1
        if [ "$next" = "$begin" ]; then next=$end; else next=$begin; fi
    done <<EOF
$(grep -xF -e "$begin" -e "$end" "$1")
EOF
    [ "$next" = "$begin" ]
}

# unended NAME: the mark that the last line in front of a file's block had no end.
unended() { say "$state/unended/$(say "$1" | tr / _)"; }

# is_last FILE: whether nothing follows the block.
is_last() { [ "$(tail -n 1 "$1" 2>/dev/null)" = "$end" ]; }

# without_block FILE: its lines without the block.
without_block() {
    [ -f "$1" ] || return 0
    is_in_order "$1" || fail "$1: the block of http-proxy-policy has no beginning or no end; remove its lines by hand"
    sed "/^$begin\$/,/^$end\$/d" "$1"
    # A last line without its end would swallow what follows.
    if [ -n "$(tail -c 1 "$1")" ]; then echo; fi
}

# difference KIND NAME FILE MODE: how a file differs from what it should be; nothing where it does not.
difference() {
    if [ ! -f "$3" ]; then
        say missing
    elif [ "$1" = block ] && ! sed -n "/^$begin\$/,/^$end\$/p" "$3" | cmp -s - "$here/block/$2"; then
        say 'the block differs'
    elif [ "$1" != block ] && ! cmp -s "$here/$1/$2" "$3"; then
        say 'the content differs'
    elif [ "$(mode_of "$3")" != "$4" ]; then
        say "the mode is $(mode_of "$3"), should be $4"
    fi
}

# wanted_mode KIND MODE ORIGINAL: a file with a block keeps its mode; if the block holds credentials, what its owner may do.
wanted_mode() {
    case $1,$2,$3 in
        block,0600,[0-7]*) printf '%o\n' $((0$3 & 0600)) ;;
        block,*,[0-7]*) say "$3" ;;
        *) say "${2#0}" ;;
    esac
}

# original KIND NAME FILE: the mode that a file had before the first run.
original() {
    line=$(grep -F "$1 $2 " "$state/applied" 2>/dev/null || :)
    if [ -n "$line" ]; then say "${line##* }"; else mode_of "$3"; fi
}

# record KIND NAME [MODE UNITS ORIGINAL]: replaces the record of an item; without the rest, removes it.
record() {
    {
        grep -vF "$1 $2 " "$state/applied" || :
        if [ $# -gt 2 ]; then say "$*"; fi
    } >"$state/applied.new"
    mv -f "$state/applied.new" "$state/applied"
}

# mark KIND UNITS: notes what is to be done after a change.
mark() {
    mkdir -p "$state/restart"
    if [ "$1" = ca ]; then : >"$state/trust"; fi
    for unit in $(printf %s "$2" | tr , ' '); do
        if [ "$unit" != - ]; then : >"$state/restart/$unit"; fi
    done
}

# Does what was noted.
finish() {
    if [ -e "$state/trust" ]; then
        trust_store
        on_node "$update"
        rm "$state/trust"
    fi
    for mark in "$state"/restart/*; do
        [ -e "$mark" ] || break
        [ "${reloaded:-}" ] || on_node systemctl daemon-reload
        reloaded=yes
        if on_node systemctl is-active --quiet "${mark##*/}"; then
            say "restarting ${mark##*/}"
            on_node systemctl restart "${mark##*/}"
        fi
        rm "$mark"
    done
}

# is_for_node NAME: whether the node has the program whose configuration this is.
is_for_node() {
    case $1 in
        etc/apt/*) [ -d "$root/etc/apt" ] ;;
        etc/dnf/*) [ -e "$root/etc/dnf/dnf.conf" ] ;;
    esac
}

put_in() { # KIND NAME MODE UNITS
    is_for_node "$2" || return 0
    path=$(target "$1" "$2")
    follow "$path"
    before=$(original "$1" "$2" "$file")
    mode=$(wanted_mode "$1" "$3" "$before")
    record "$1" "$2" "$3" "$4" "$before"
    if [ -z "$(difference "$1" "$2" "$file" "$mode")" ]; then
        return
    fi
    mark "$1" "$4"
    if [ "$1" = block ]; then
        if [ -s "$file" ] && [ -n "$(tail -c 1 "$file")" ]; then
            mkdir -p "$state/unended"
            : >"$(unended "$2")"
        elif ! is_last "$file"; then
            rm -f "$(unended "$2")"
        fi
        rest=$(without_block "$file"; echo .)
        { printf %s "${rest%.}"; cat "$here/block/$2"; } | put "$file" "$mode"
    else
        put "$file" "$mode" <"$here/$1/$2"
    fi
    say "changed /$path"
}

take_out() { # KIND NAME MODE UNITS ORIGINAL
    path=$(target "$1" "$2")
    follow "$path"
    if [ -e "$file" ]; then
        mark "$1" "$4"
        if [ "$1" = block ]; then
            rest=$(without_block "$file"; echo .)
            rest=${rest%.}
            if [ -e "$(unended "$2")" ] && is_last "$file"; then
                rest=${rest%"$newline"}
            fi
            rm -f "$(unended "$2")"
            if [ -z "$rest" ] && [ "$5" = - ]; then
                rm "$file"
            else
                mode=$5
                case $mode in [0-7]*) ;; *) mode=$(mode_of "$file") ;; esac
                printf %s "$rest" | put "$file" "$mode"
            fi
        else
            rm "$file"
            case $path in *.d/*) rmdir "$(dirname "$file")" 2>/dev/null || : ;; esac
        fi
        say "removed from /$path"
    fi
    record "$1" "$2"
}

# What an earlier run put in, as it was when this run began.
applied() { cat "$state/applied" 2>/dev/null || :; }

is_in_manifest() { grep -qF "$1 $2 " "$here/manifest"; }

apply() {
    earlier=$(applied)
    prepare "$(cat "$here/manifest")"
    prepare "$earlier"
    mkdir -p "$state"
    touch "$state/applied"
    while read -r kind name mode units before; do
        [ -z "$kind" ] || is_in_manifest "$kind" "$name" || take_out "$kind" "$name" "$mode" "$units" "$before"
    done <<EOF
$earlier
EOF
    while read -r kind name mode units; do
        put_in "$kind" "$name" "$mode" "$units"
    done <"$here/manifest"
    finish
}

check() {
    status=0
    while read -r kind name mode units; do
        is_for_node "$name" || continue
        path=$(target "$kind" "$name")
        follow "$path"
        mode=$(wanted_mode "$kind" "$mode" "$(original "$kind" "$name" "$file")")
        difference=$(difference "$kind" "$name" "$file" "$mode")
        if [ "$difference" ]; then
            say "/$path: $difference"
            status=1
        fi
    done <"$here/manifest"
    while read -r kind name mode units before; do
        if [ "$kind" ] && ! is_in_manifest "$kind" "$name"; then
            say "/$(target "$kind" "$name"): left from an earlier configuration"
            status=1
        fi
    done <<EOF
$(applied)
EOF
    for mark in "$state"/trust "$state"/restart/*; do
        [ -e "$mark" ] || continue
        say "${mark##*/}: not renewed since its files changed"
        status=1
    done
    return "$status"
}

remove() {
    prepare "$(applied)
$(cat "$here/manifest")"
    mkdir -p "$state"
    touch "$state/applied"
    # What was put in by other means, such as cloud-init, is in the manifest alone; its file keeps its mode.
    earlier=$(
        applied
        while read -r kind name mode units; do
            grep -qF "$kind $name " "$state/applied" || say "$kind $name $mode $units ="
        done <"$here/manifest"
    )
    while read -r kind name mode units before; do
        take_out "$kind" "$name" "$mode" "$units" "$before"
    done <<EOF
$earlier
EOF
    finish
    rm -f "$state/applied"
    rmdir "$state/restart" 2>/dev/null || :
    rmdir "$state/unended" 2>/dev/null || :
    rmdir "$state"
}

case ${1:-} in
    apply | check | remove) "$1" ;;
    *) fail 'write apply, check or remove' ;;
esac
