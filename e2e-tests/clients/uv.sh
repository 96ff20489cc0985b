#!/bin/sh
# uv asks an index at each URL for a package that is not there.
uv=$1
shift
if [ "$1" = --version ]; then
    "$uv" --version | cut -d ' ' -f 1,2
    exit
fi
for url; do
    reason=$(UV_HTTP_TIMEOUT=5 UV_HTTP_RETRIES=0 "$uv" pip compile --quiet --no-config --no-cache --no-python-downloads --python /usr/bin/python3 \
        --default-index "$url" - 2>&1 <<PACKAGE
missing
PACKAGE
    )
    case $reason in
    *'was not found'* | *'no versions'*) echo "ok $url" ;;
    *) echo "failed $url: $(echo $reason)" ;;
    esac
done
