#!/bin/sh
# kubectl asks an API server at each URL, without a kubeconfig.
kubectl=$1
shift
if [ "$1" = --version ]; then
    "$kubectl" version --client | sed -n 's/^Client Version: v/kubectl /p'
    exit
fi
for url; do
    if reason=$("$kubectl" --kubeconfig /dev/null --server "${url%/}" --token token --request-timeout 5s get --raw / 2>&1); then
        echo "ok $url"
    else
        echo "failed $url: $(echo "$reason" | tail -n 1)"
    fi
done
