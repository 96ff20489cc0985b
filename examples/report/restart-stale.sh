#!/bin/sh
# Restarts, one after the other, the Deployments, StatefulSets and DaemonSets whose pods the report names.
#
#   ./restart-stale.sh [--dry-run] [NAMESPACE]
#
# Without a namespace, it goes through all. REPORTS=policyreports.wgpolicyk8s.io is for Kubewarden before 1.33.
set -eu

dry_run=
if [ "${1-}" = --dry-run ]; then
    dry_run=1
    shift
fi
if [ $# -gt 0 ]; then
    scope="--namespace=$1"
else
    scope=--all-namespaces
fi

owners=$(kubectl get "${REPORTS:-reports.openreports.io},pods,replicasets.apps" "$scope" --output json |
    jq --raw-output --arg policy clusterwide-http-proxy-report --from-file "$(dirname "$0")/stale-owners.jq")

echo "$owners" | while read -r namespace owner pod; do
    case $owner in
    '') echo 'No pod is out of date.' ;;
    -) echo "Left alone: $pod in $namespace, which no rollout renews. Delete it, or wait until it ends." ;;
    *)
        echo "Restarting $owner in $namespace"
        [ "$dry_run" ] && continue
        kubectl rollout restart --namespace "$namespace" "$owner" </dev/null
        kubectl rollout status --namespace "$namespace" "$owner" --timeout 10m </dev/null
        ;;
    esac
done
