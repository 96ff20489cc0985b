# shellcheck shell=bash disable=SC2034
# What the tests with kwctl share. They run from the project's root; kwctl keeps what it pulls below the test's own folder.

set -o pipefail

MODULE=annotated-policy.wasm
SETTINGS=examples/aks-proxy-config.json
# A pod whose container sets no variable.
POD=e2e-tests/requests/create-pod-4.json

setup_file() {
    cd "$BATS_TEST_DIRNAME/.." || return
    export HOME="$BATS_FILE_TMPDIR"
}

# answer REQUEST [KWCTL-RUN-ARGUMENT…]: what the policy server would answer, as JSON.
answer() {
    local request=$1
    shift
    kwctl run --request-path "$request" "$@"
}

# patch: the JSON patch of the answer on standard input.
patch() {
    jq --exit-status 'select(.allowed and .patchType == "JSONPatch") | .patch | @base64d | fromjson'
}

# unpatched: succeeds if the answer on standard input lets the object pass as it is.
unpatched() {
    jq --exit-status '.allowed and (.patch | not)'
}
