#!/bin/sh
# curl without a file of settings, as in most images.
if [ "$1" = --version ]; then
    curl --version | sed -n '1s/^\(curl [0-9]*\.[0-9]*\).*/\1/p'
    exit
fi
for url; do
    if reason=$(curl --silent --show-error --fail --max-time 5 --output /dev/null "$url" 2>&1); then
        echo "ok $url"
    else
        echo "failed $url: $(echo "$reason" | head -n 1)"
    fi
done
