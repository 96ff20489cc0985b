#!/bin/sh
# wget as Alpine and images of BusyBox have it. Debian's build has no option for a timeout.
if [ "$1" = --version ]; then
    busybox | sed -n '1s/^BusyBox v\([0-9]*\.[0-9]*\).*/BusyBox \1 wget/p'
    exit
fi
for url; do
    if reason=$(timeout 5 busybox wget -q -O /dev/null "$url" 2>&1); then
        echo "ok $url"
    else
        echo "failed $url: $(echo "$reason" | head -n 1)"
    fi
done
