#!/bin/sh
# Restarts, one after the other, the Deployments, StatefulSets and DaemonSets whose pods the report names.
# REPORTS=policyreports.wgpolicyk8s.io is for Kubewarden before 1.33.
set -eu

usage='usage: restart-stale.sh [--dry-run] [[-n] NAMESPACE]

  --dry-run       only print what would be restarted
  -n NAMESPACE    only this namespace; without it, all of them
  -h, --help      show this text'

refuse() {
    printf 'restart-stale.sh: %s\n%s\n' "$1" "$usage" >&2
    exit 2
}

namespace=
set_namespace() {
    case $1 in '' | -*) refuse "not a namespace: '$1'" ;; esac
    [ -z "$namespace" ] || refuse "more than one namespace: $namespace, $1"
    namespace=$1
}

dry_run=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        echo "$usage"
        exit
        ;;
    --dry-run) dry_run=1 ;;
    -n | --namespace)
        [ $# -gt 1 ] || refuse "$1 needs a namespace"
        set_namespace "$2"
        shift
        ;;
    --namespace=*) set_namespace "${1#*=}" ;;
    -*) refuse "unknown option: $1" ;;
    *) set_namespace "$1" ;;
    esac
    shift
done

policy=clusterwide-http-proxy-report
kinds=pods,replicasets.apps,deployments.apps,statefulsets.apps,daemonsets.apps,clusteradmissionpolicies.policies.kubewarden.io
scope=${namespace:+--namespace=$namespace}
# The fields' managers tell when the policy was changed.
objects=$(kubectl get "${REPORTS:-reports.openreports.io},$kinds" "${scope:---all-namespaces}" --output json --show-managed-fields)
results=$(printf '%s\n' "$objects" |
    jq --arg policy "$policy" '[.items[] | select(.kind == "Report" or .kind == "PolicyReport") | .results[]? | select(.policy == $policy)] | length')
if [ "$results" -eq 0 ]; then
    echo "No report has a result of the policy $policy, so nobody knows which pods are out of date. Is the policy active, and has the audit \
scanner run since?" >&2
    exit 1
fi
owners=$(printf '%s\n' "$objects" | jq --raw-output --arg policy "$policy" --from-file "$(dirname "$0")/stale-owners.jq")

if [ -z "$owners" ]; then
    echo 'No report lists an out-of-date pod.'
    exit
fi
printf '%s\n' "$owners" | while read -r action in owner reason; do
    if [ "$action" = leave ]; then
        echo "Skipped: $owner in $in $reason"
    elif [ "$dry_run" ]; then
        echo "Would restart $owner in $in"
    else
        echo "Restarting $owner in $in"
        kubectl rollout restart --namespace "$in" "$owner" </dev/null
        kubectl rollout status --namespace "$in" "$owner" --timeout 10m </dev/null
    fi
done
