#!/usr/bin/env bats
# The way of a release: to a registry, and from there to who uses it.

load kwctl

# A registry of this test's own, on a port that the system chooses.
setup() {
    cat >"$BATS_TEST_TMPDIR/registry.yml" <<-CONFIGURATION
	version: 0.1
	storage: {filesystem: {rootdirectory: "$BATS_TEST_TMPDIR/registry"}}
	http: {addr: "127.0.0.1:0"}
	CONFIGURATION
    docker-registry serve "$BATS_TEST_TMPDIR/registry.yml" >"$BATS_TEST_TMPDIR/registry.log" 2>&1 3>&- &
    registry_pid=$!
    for _ in {1..100}; do
        registry=$(grep --only-matching '127\.0\.0\.1:[1-9][0-9]*' "$BATS_TEST_TMPDIR/registry.log") && break
        sleep 0.1
    done
    echo "insecure_sources: [\"$registry\"]" >"$BATS_TEST_TMPDIR/sources.yml"
}

teardown() {
    kill "$registry_pid"
}

@test "what make push brings to a registry comes back whole, and runs" {
    make push OCI_URL="$registry/policies/http-proxy" TAG=v1 KWCTL_FLAGS="--sources-path $BATS_TEST_TMPDIR/sources.yml"

    local pushed=registry://$registry/policies/http-proxy:v1
    kwctl pull --sources-path "$BATS_TEST_TMPDIR/sources.yml" --output-path "$BATS_TEST_TMPDIR/pulled.wasm" "$pushed"
    cmp "$BATS_TEST_TMPDIR/pulled.wasm" "$MODULE"
    answer "$POD" --settings-path "$SETTINGS" --sources-path "$BATS_TEST_TMPDIR/sources.yml" "$pushed" | patch
}
