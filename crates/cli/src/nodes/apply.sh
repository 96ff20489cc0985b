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
# A mode that you set after apply counts as the one that the file had. Before anything changes, the script checks that what it needs is
# there.
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
again='write the folder again with http-proxy nodes --out, and copy all of it'

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

# new_of FILE: where its next content is written. An interrupted run leaves it there.
new_of() { say "$(dirname "$1")/.http-proxy-policy.new"; }

# put FILE MODE: replaces a file with standard input, in one step.
put() {
    mkdir -p "$(dirname "$1")"
    new=$(new_of "$1")
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

# The lines of the manifest, without its end.
items() { sed '$d' "$here/manifest"; }

# Fails where the end of the manifest is missing: then other files may be, too.
has_manifest() {
    [ "$(tail -n 1 "$here/manifest" 2>/dev/null)" = end ] || fail "$here/manifest: is missing or incomplete; $again"
}

# Fails where a file is missing that the manifest names.
has_contents() {
    while read -r kind name mode units; do
        [ "$kind" ] || continue
        [ -s "$here/$kind/$name" ] || fail "$here/$kind/$name: is missing or empty; $again"
        [ "$kind" != block ] || is_last "$here/$kind/$name" || fail "$here/$kind/$name: is incomplete; $again"
    done <<EOF
$(items)
EOF
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
        path=$(target "$kind" "$name")
        follow "$path"
        if [ -e "$file" ] && [ ! -f "$file" ]; then
            fail "/$path: is not a regular file; move it away"
        fi
        if [ "$kind" = block ]; then
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

# unended NAME: the mark that the line break before a file's block is the block's.
unended() { say "$state/unended/$(say "$1" | tr / _)"; }

# note_end NAME FILE REST: keeps this mark. The line break is the block's if the last line had no end, and if other means, such as
# cloud-init, appended the block, which they do with an empty line before it.
note_end() {
    own=''
    case $3 in
        *"$newline$newline" | "$newline") [ "$(recorded block "$1")" ] || ! is_last "$2" || own=yes ;;
        '' | *"$newline") ;;
        *) own=yes ;;
    esac
    if [ "$own" ]; then
        mkdir -p "$state/unended"
        : >"$(unended "$1")"
    elif ! is_last "$2"; then
        rm -f "$(unended "$1")"
    fi
}

# has_block FILE
has_block() { [ -f "$1" ] && grep -qxF "$begin" "$1"; }

# is_last FILE: whether nothing follows the block.
is_last() { [ "$(tail -n 1 "$1" 2>/dev/null)" = "$end" ]; }

# without_block FILE: its lines without the block.
without_block() {
    [ -f "$1" ] || return 0
    is_in_order "$1" || fail "$1: the block of http-proxy-policy has no beginning or no end; remove its lines by hand"
    sed "/^$begin\$/,/^$end\$/d" "$1"
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

# wanted_mode KIND MODE ORIGINAL: what a file had, without what MODE does not allow. A block without credentials does not change the
# mode of its file.
wanted_mode() {
    had=${3#-}
    case $1,$2,$had in
        *,) say "${2#0}" ;;
        block,0644,*) say "$had" ;;
        *) printf '%o\n' $((0$had & 0$2)) ;;
    esac
}

# recorded KIND NAME: the record of an item: KIND NAME MODE UNITS ORIGINAL SET. SET is the mode that the script has set; during a
# change, also the one that the file had.
recorded() { grep -F "$1 $2 " "$state/applied" 2>/dev/null || :; }

# original KIND NAME FILE: the mode that a file had before the first run, - where it did not exist. If somebody has changed the mode
# that the script has set, it is their mode, after a - where the file did not exist.
original() {
    now=$(mode_of "$3")
    line=$(recorded "$1" "$2")
    set=${line##* }
    line=${line% *}
    first=${line##* }
    case $now,$first in
        *,) say "$now" ;;
        -,*) say "$first" ;;
        *)
            case ,$set, in
                *",$now,"*) say "$first" ;;
                *) case $first in -*) say "-$now" ;; *) say "$now" ;; esac ;;
            esac
            ;;
    esac
}

# record KIND NAME [MODE UNITS ORIGINAL SET]: replaces the record of an item; without the rest, removes it.
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
    rm -f "$(new_of "$file")"
    before=$(original "$1" "$2" "$file")
    mode=$(wanted_mode "$1" "$3" "$before")
    if [ "$1" = block ]; then
        rest=$(without_block "$file"; echo .)
        rest=${rest%.}
        note_end "$2" "$file" "$rest"
    fi
    if [ "$(difference "$1" "$2" "$file" "$mode")" ]; then
        record "$1" "$2" "$3" "$4" "$before" "$(mode_of "$file"),$mode"
        mark "$1" "$4"
        if [ "$1" = block ]; then
            # A last line without its end would swallow what follows.
            case $rest in '' | *"$newline") ;; *) rest=$rest$newline ;; esac
            block=$(cat "$here/block/$2")
            printf '%s%s\n' "$rest" "$block" | put "$file" "$mode"
        else
            put "$file" "$mode" <"$here/$1/$2"
        fi
        say "changed /$path"
    fi
    record "$1" "$2" "$3" "$4" "$before" "$mode"
}

# Takes the block out of a file, and the file away that apply made and that has nothing else in it.
take_out_block() { # NAME FILE
    before=$(original block "$1" "$2")
    rest=$(without_block "$2"; echo .)
    rest=${rest%.}
    note_end "$1" "$2" "$rest"
    if [ -e "$(unended "$1")" ] && is_last "$2"; then
        rest=${rest%"$newline"}
    fi
    mode=${before#-}
    if [ -z "$rest" ] && [ "$mode" != "$before" ]; then
        rm "$2"
    else
        printf %s "$rest" | put "$2" "${mode:-$(mode_of "$2")}"
    fi
}

take_out() { # KIND NAME UNITS
    path=$(target "$1" "$2")
    follow "$path"
    rm -f "$(new_of "$file")"
    is_ours=$(recorded "$1" "$2")
    if [ "$1" = block ]; then
        if has_block "$file"; then
            mark "$1" "$3"
            take_out_block "$2" "$file"
            say "removed from /$path"
        fi
        rm -f "$(unended "$2")"
    elif [ -e "$file" ]; then
        is_ours=yes
        mark "$1" "$3"
        rm "$file"
        say "removed from /$path"
    fi
    case $path in *.d/*) [ -z "$is_ours" ] || rmdir "$(dirname "$file")" 2>/dev/null || : ;; esac
    record "$1" "$2"
}

# What an earlier run put in, as it was when this run began.
applied() { cat "$state/applied" 2>/dev/null || :; }

is_in_manifest() { grep -qF "$1 $2 " "$here/manifest"; }

apply() {
    has_manifest
    has_contents
    earlier=$(applied)
    prepare "$(items)"
    prepare "$earlier"
    mkdir -p "$state"
    touch "$state/applied"
    while read -r kind name mode units before; do
        [ -z "$kind" ] || is_in_manifest "$kind" "$name" || take_out "$kind" "$name" "$units"
    done <<EOF
$earlier
EOF
    while read -r kind name mode units; do
        [ -z "$kind" ] || put_in "$kind" "$name" "$mode" "$units"
    done <<EOF
$(items)
EOF
    finish
}

# Says how an item differs.
compare() { # KIND NAME MODE
    path=$(target "$1" "$2")
    follow "$path"
    mode=$(wanted_mode "$1" "$3" "$(original "$1" "$2" "$file")")
    difference=$(difference "$1" "$2" "$file" "$mode")
    [ -z "$difference" ] || say "/$path: $difference"
    if [ -e "$(new_of "$file")" ]; then
        new=$(new_of "/$path")
        say "$new: left by an interrupted run"
    fi
}

check() {
    has_manifest
    has_contents
    differences=$(
        while read -r kind name mode units; do
            [ -z "$kind" ] || ! is_for_node "$name" || compare "$kind" "$name" "$mode"
        done <<EOF
$(items)
EOF
        while read -r kind name mode units before; do
            [ -z "$kind" ] || is_in_manifest "$kind" "$name" || say "/$(target "$kind" "$name"): left from an earlier configuration"
        done <<EOF
$(applied)
EOF
        for mark in "$state"/trust "$state"/restart/*; do
            [ ! -e "$mark" ] || say "${mark##*/}: not renewed since its files changed"
        done
    )
    [ -z "$differences" ] || say "$differences"
    [ -z "$differences" ]
}

# What was put in by other means, such as cloud-init, is in the manifest alone.
remove() {
    has_manifest
    prepare "$(applied)
$(items)"
    mkdir -p "$state"
    touch "$state/applied"
    while read -r kind name mode units before; do
        [ -z "$kind" ] || take_out "$kind" "$name" "$units"
    done <<EOF
$(applied)
$(items)
EOF
    finish
    rm -f "$state/applied" "$state/applied.new"
    rmdir "$state/restart" 2>/dev/null || :
    rmdir "$state/unended" 2>/dev/null || :
    rmdir "$state"
}

case ${1:-} in
    apply | check | remove) "$1" ;;
    *) fail 'write apply, check or remove' ;;
esac
