# The module is what counts: wherever a target needs it, it is built anew if a source is newer.

WASM_TARGET := wasm32-wasip1
SOURCES := $(wildcard src/*.rs) Cargo.toml Cargo.lock

POD ?= examples/pod.yaml
SETTINGS ?= examples/aks-proxy-config.json

.PHONY: help run test test-clients fmt lint clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z.-]+:.*## / {printf "%-24s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: policy.wasm ## Show the policy at work: POD=pod.yaml SETTINGS=settings.json, - is standard input
	@cargo run --quiet --package e2e-tests -- '$(SETTINGS)' '$(POD)'

test: policy.wasm ## Run the unit tests, and the end-to-end tests on the compiled module
	cargo test --workspace
	@echo 'Left out: the tests with real clients. make test-clients runs them, e2e-tests/clients/install brings the clients.'

test-clients: policy.wasm ## Ask real clients what they do, and renew docs/clients.md and docs/trusted-ca.md
	cargo test --package e2e-tests --features clients --test clients -- --nocapture

policy.wasm: $(SOURCES) ## Build the policy
	@rustup target list --installed 2>/dev/null | grep -q '^$(WASM_TARGET)$$' || rustup target add $(WASM_TARGET) || \
		{ echo 'The Rust target $(WASM_TARGET) is missing; rustup target add $(WASM_TARGET) installs it.' >&2; exit 1; }
	cargo build --release --target $(WASM_TARGET) --package http-proxy-policy
	@cp $${CARGO_TARGET_DIR:-target}/$(WASM_TARGET)/release/http_proxy_policy.wasm $@

annotated-policy.wasm: policy.wasm policy-metadata.yml README.md ## Build the policy with its metadata, for a registry; needs kwctl
	@command -v kwctl >/dev/null || \
		{ echo 'kwctl is missing; https://docs.kubewarden.io/ tells how to install it.' >&2; exit 1; }
	kwctl annotate --metadata-path policy-metadata.yml --usage-path README.md --output-path $@ $<

fmt: ## Format the sources
	cargo fmt --all

lint: ## Check formatting and run clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings

clean: ## Remove what was built
	cargo clean
	rm -f policy.wasm annotated-policy.wasm
