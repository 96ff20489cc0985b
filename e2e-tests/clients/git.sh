#!/bin/sh
# git asks for the list of a repository's branches, the first thing that a clone does.
if [ "$1" = --version ]; then
    git --version | sed 's/^git version \([0-9]*\.[0-9]*\).*/git \1/'
    exit
fi
# A prompt for a password would wait for ever.
export GIT_TERMINAL_PROMPT=0
for url; do
    if reason=$(timeout 5 git ls-remote --quiet "$url" 2>&1); then
        echo "ok $url"
    else
        echo "failed $url: $(echo "$reason" | tail -n 1)"
    fi
done
