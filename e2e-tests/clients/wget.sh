#!/bin/sh
# One try for each URL: wget repeats up to 20 times otherwise.
if [ "$1" = --version ]; then
    wget --version | sed -n '1s/^GNU Wget \([0-9]*\.[0-9]*\).*/wget \1/p'
    exit
fi
for url; do
    if reason=$(wget --no-verbose --tries=1 --timeout=5 --output-document=/dev/null "$url" 2>&1); then
        echo "ok $url"
    else
        echo "failed $url: $(echo "$reason" | head -n 1)"
    fi
done
