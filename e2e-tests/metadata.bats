#!/usr/bin/env bats
# What the module says of itself.

load kwctl

@test "kwctl inspect shows the annotations of policy-metadata.yml, and the README with absolute links as usage" {
    kwctl inspect --output yaml "$MODULE" >"$BATS_TEST_TMPDIR/metadata.yml"
    local annotation
    while IFS= read -r annotation; do
        grep --fixed-strings --line-regexp -- "$annotation" "$BATS_TEST_TMPDIR/metadata.yml"
    done < <(grep '^  io\.' policy-metadata.yml)
    sed -n '/^  io.kubewarden.policy.usage: |/,/^[^ ]/{s/^    //p; /^$/p}' "$BATS_TEST_TMPDIR/metadata.yml" >"$BATS_TEST_TMPDIR/usage.md"
    .ci/absolute-links <README.md | diff "$BATS_TEST_TMPDIR/usage.md" -
    run grep --extended-regexp '\]\((docs|examples|[A-Z]+)' "$BATS_TEST_TMPDIR/usage.md"
    [ "$status" -eq 1 ]
}

@test "the module needs no access to the cluster and nothing of the host" {
    kwctl inspect --output yaml "$MODULE" >"$BATS_TEST_TMPDIR/metadata.yml"
    grep --line-regexp 'hostCapabilities: \[\]' "$BATS_TEST_TMPDIR/metadata.yml"
    run grep '^contextAwareResources:' "$BATS_TEST_TMPDIR/metadata.yml"
    [ "$status" -ne 0 ] || [[ $output == 'contextAwareResources: []' ]]
}

@test "the manifest that kwctl scaffold manifest writes runs" {
    kwctl scaffold manifest --type ClusterAdmissionPolicy --settings-path "$SETTINGS" "$MODULE" >"$BATS_TEST_TMPDIR/policy.yaml"
    grep --line-regexp '  mutating: true' "$BATS_TEST_TMPDIR/policy.yaml"
    answer "$POD" --settings-path "$SETTINGS" "$MODULE" | patch >"$BATS_TEST_TMPDIR/patch"
    answer "$POD" "$BATS_TEST_TMPDIR/policy.yaml" | patch | diff - "$BATS_TEST_TMPDIR/patch"
}

@test "artifacthub-pkg.yml says what kwctl scaffold artifacthub writes" {
    # The time is that of the release, the way to install it leads to the quickstart, and the recommended chart is the current one.
    contents() { sed '/^#/d; /^createdAt:/d; /^- url:/d; /^install:/,/^[a-z]*:$/{/^install:/d; /^  /d}; /^$/d' "$1"; }
    kwctl scaffold artifacthub --metadata-path policy-metadata.yml --questions-path questions-ui.yml \
        --output "$BATS_TEST_TMPDIR/artifacthub-pkg.yml"
    diff <(contents "$BATS_TEST_TMPDIR/artifacthub-pkg.yml") <(contents artifacthub-pkg.yml)
}
