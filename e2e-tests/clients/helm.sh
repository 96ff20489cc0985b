#!/bin/sh
# helm asks a repository of charts at each URL. The answer is no index, which it says when it has got it.
helm=$1
shift
if [ "$1" = --version ]; then
    "$helm" version --template 'helm {{slice .Version 1}}' && echo
    exit
fi
for url; do
    reason=$(timeout 5 "$helm" show chart --repo "$url" missing 2>&1)
    case $reason in
    *'cannot unmarshal'* | *'no API version specified'* | *'not found in'*) echo "ok $url" ;;
    *) echo "failed $url: $(echo "$reason" | tail -n 1)" ;;
    esac
done
