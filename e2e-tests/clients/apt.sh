#!/bin/sh
# apt as it gets an index or a package.
if [ "$1" = --version ]; then
    apt-get --version | sed -n '1s/^\(apt [0-9]*\.[0-9]*\).*/\1/p'
    exit
fi
file=$(mktemp)
for url; do
    if reason=$(/usr/lib/apt/apt-helper -q -o Acquire::Retries=0 -o Acquire::http::Timeout=5 -o Acquire::https::Timeout=5 \
        -o Acquire::AllowInsecureRepositories=true -o APT::Sandbox::User=root download-file "$url" "$file" 2>&1); then
        echo "ok $url"
    else
        echo "failed $url: $(echo "$reason" | tr '\n' ' ')"
    fi
done
rm -f "$file"
