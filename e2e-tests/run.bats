#!/usr/bin/env bats
# What kwctl run answers, as a policy server would.

load kwctl

# variables: from a JSON patch that adds env to the first container, an object of them.
variables() {
    jq --exit-status '.[] | select(.op == "add" and .path == "/spec/containers/0/env") | .value | map({(.name): .value}) | add'
}

@test "a pod gets the proxy in both spellings, and what bypasses it" {
    answer "$POD" --settings-path "$SETTINGS" "$MODULE" | patch | variables >"$BATS_TEST_TMPDIR/variables"
    jq --exit-status --slurpfile settings "$SETTINGS" '
        .HTTP_PROXY == $settings[0].httpProxy and .http_proxy == .HTTP_PROXY and
        .HTTPS_PROXY == $settings[0].httpsProxy and .https_proxy == .HTTPS_PROXY and
        (($settings[0].noProxy + [".svc", ".cluster.local"]) - (.NO_PROXY | split(",")) == []) and .no_proxy == .NO_PROXY
    ' "$BATS_TEST_TMPDIR/variables"
}

@test "a pod gets the trusted CA, mounted" {
    local with_ca=examples/aks-proxy-config-with-ca.json
    answer "$POD" --settings-path "$with_ca" "$MODULE" | patch >"$BATS_TEST_TMPDIR/patch"
    jq --exit-status --slurpfile settings "$with_ca" '
        ($settings[0].trustedCa | @base64d | rtrimstr("\n")) as $ca
        | [.. | strings | select(contains($ca))] | length == 1
    ' "$BATS_TEST_TMPDIR/patch"
    jq --exit-status '
        [.[] | select(.path | startswith("/spec/containers/0/volumeMounts")) | .value | if type == "array" then .[] else . end
            | .mountPath] == ["/etc/http-proxy/trusted-ca"]
    ' "$BATS_TEST_TMPDIR/patch"
}

@test "a container that kubectl debug adds gets the variables, and nothing else changes" {
    answer e2e-tests/requests/update-pod-ephemeralcontainers.json --settings-path "$SETTINGS" "$MODULE" | patch |
        jq --exit-status 'length > 0 and all(.path | startswith("/spec/ephemeralContainers/"))'
}

@test "a pod that opts out stays as it is" {
    jq '.object.metadata.annotations["http-proxy.kubewarden.io/inject"] = "false"' "$POD" >"$BATS_TEST_TMPDIR/request.json"
    answer "$BATS_TEST_TMPDIR/request.json" --settings-path "$SETTINGS" "$MODULE" | unpatched
}

@test "Report names the containers and variables that a pod lacks" {
    jq '.mode = "Report"' "$SETTINGS" >"$BATS_TEST_TMPDIR/settings.json"
    answer "$POD" --settings-path "$BATS_TEST_TMPDIR/settings.json" "$MODULE" |
        jq --exit-status '(.allowed | not) and (.status.message | contains("container once: missing HTTP_PROXY"))'
}

@test "what is changed or deleted passes as it is" {
    for request in update-pod delete-pod update-deployment-status; do
        answer "e2e-tests/requests/$request.json" --settings-path "$SETTINGS" "$MODULE" | unpatched
    done
}

@test "settings with a mistake are refused with the field's name, and without the password" {
    run answer "$POD" --settings-json '{"httpProxy": "ftp://user:letmein@proxy.example.com:3128/"}' "$MODULE"
    [ "$status" -ne 0 ]
    [[ $output == *httpProxy* ]]
    [[ $output != *letmein* ]]
}

@test "every example's manifest runs" {
    local manifest count=0
    while IFS= read -r manifest; do
        sed "s|^\( *module: \).*|\1file://$PWD/$MODULE|" "$manifest" >"$BATS_TEST_TMPDIR/policy.yaml"
        answer "$POD" "$BATS_TEST_TMPDIR/policy.yaml" | jq --exit-status 'has("allowed")'
        count=$((count + 1))
    # One with an empty module is completed by kustomize.
    done < <(grep --recursive --files-with-matches '^kind: ClusterAdmissionPolicy' examples | xargs grep --files-with-matches '^  module: [a-z]')
    [ "$count" -gt 0 ]
}
