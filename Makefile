# Wherever a target needs the module, it is rebuilt if a source is newer. Tests and tools are chosen by their names, not by --package: with all
# default members chosen, a dependency has the same features everywhere and is built once. run is the exception: its first build needs the least.

WASM_TARGET := wasm32-wasip1
WASM_RELEASE := $(or $(CARGO_TARGET_DIR),target)/$(WASM_TARGET)/release
TOOLS := $(or $(CARGO_TARGET_DIR),target)/debug
SOURCES := $(shell find src crates/json crates/values -name "*.rs") Cargo.toml Cargo.lock

POD ?= examples/pod.yaml
SETTINGS ?= examples/aks-proxy-config.json

# Where make push sends the module; by default the registry in policy-metadata.yml.
annotation = $(shell awk '$$1 == "$(1):" { print $$2 }' policy-metadata.yml)
OCI_URL ?= $(call annotation,io.kubewarden.policy.ociUrl)
TAG ?= v$(call annotation,io.kubewarden.policy.version)

.PHONY: help run command-of-run tools picture survey-picture test properties soak test-clients test-kwctl e2e-tests tools-of-test-kwctl bench fuzz fuzz-settled mutants artifacthub chart release-check reproducible supply-chain push fmt lint clean \
	playground play test-playground

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z0-9.%-]+:.*## / {printf "%-24s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Status 1 means that the policy rejects something, which is a result and not a failure of make. The first time, the policy and the
# command that explains it build side by side.
run: ## Explain what the policy does: POD=pod.yaml SETTINGS=settings.json (- is standard input), NAMESPACE_LABELS=shop=a=b, VERBOSE=1, COLOR=always
	@$(MAKE) --no-print-directory --jobs=2 $(if $(POLICY_WASM),,policy.wasm) command-of-run
	@$(if $(COLOR),CLICOLOR_FORCE=1) cargo run --quiet --package run -- $(if $(VERBOSE),--verbose) \
		$(if $(NAMESPACE_LABELS),--namespace-labels '$(NAMESPACE_LABELS)') $(or $(POLICY_WASM),policy.wasm) '$(SETTINGS)' '$(POD)' || [ $$? -eq 1 ]

command-of-run:
	@cargo build --package run

picture: policy.wasm ## Update docs/demonstration.svg
	RENEW=1 cargo test --package run --test demonstration

survey-picture: playground/node_modules/.package-lock.json tools ## Update docs/survey.png; needs what test-playground needs
	RENEW=1 node --test --test-name-pattern 'docs/survey.png' playground/tests/report.test.mjs

test: policy.wasm explain.wasm ## Run the unit tests, and the end-to-end tests on the compiled module
	cargo test
	@command -v jq >/dev/null || echo "Skipped: the tests of the examples' jq programs and scripts. They need Debian's package jq."
	@for tool in busybox cloud-init dash shellcheck systemd-analyze; do command -v $$tool >/dev/null || \
		echo "Skipped: what $$tool says of the files for nodes. It needs Debian's package of that name (systemd for systemd-analyze)."; done
	@test -f target/chart-tools/installed-package-lock.json || echo 'Skipped: the tests of the chart, with the helm that e2e-tests/chart/install installs.'
	@test -d target/clients/squid -a -d target/clients/mitmproxy || \
		echo 'Skipped: http-proxy probe against squid and mitmproxy, which e2e-tests/clients/install installs.'
	@echo 'Skipped: five minutes of load (make soak).'
	@echo 'Skipped: the tests with real clients (make test-clients; e2e-tests/clients/install installs the clients), and those' \
		'with kwctl (make test-kwctl; see https://docs.kubewarden.io/howtos/install-kwctl).'

PROPTEST_CASES ?= 2000
properties: ## Try the properties with a random seed: PROPTEST_CASES=2000, PROPTEST_RNG_SEED=… repeats a run
	@seed=$${PROPTEST_RNG_SEED:-$$(od -A n -N 4 -t u4 /dev/urandom | tr -d ' ')}; \
	PROPTEST_CASES=$(PROPTEST_CASES) PROPTEST_RNG_SEED=$$seed cargo test --locked --package http-proxy-policy --test properties || \
		{ echo "To repeat: make properties PROPTEST_CASES=$(PROPTEST_CASES) PROPTEST_RNG_SEED=$$seed" >&2; exit 1; }

SOAK_SECONDS ?= 300
soak: policy.wasm ## Load test with valid and invalid requests, eight at a time: SOAK_SECONDS=300
	SOAK_SECONDS=$(SOAK_SECONDS) cargo test --test module soak -- --ignored --nocapture

test-clients: policy.wasm ## Run real clients, and update crates/clients, docs/clients.md, docs/credentials.md and docs/trusted-ca-clients.md
	cargo test --features e2e-tests/clients --test clients -- --nocapture

test-kwctl: tools-of-test-kwctl annotated-policy.wasm ## Test the module with kwctl, and with a registry on loopback
	bats e2e-tests

e2e-tests: test-kwctl ## The same as test-kwctl, under the name that Kubewarden's policies use

tools-of-test-kwctl:
	@missing=; for tool in kwctl bats jq docker-registry; do command -v $$tool >/dev/null || missing="$$missing $$tool"; done; \
	if [ "$$missing" ]; then \
		echo "Missing:$$missing. For kwctl, see https://docs.kubewarden.io/howtos/install-kwctl; Debian and Ubuntu have the others." >&2; exit 1; \
	fi

bench: policy.wasm ## Benchmark against a ready-made answer and a typed policy, and update docs/development/performance.md
	cargo build --locked --release --target $(WASM_TARGET) --package typed-reference
	cargo run --profile bench --package bench -- $(WASM_RELEASE)/typed_reference.wasm

FUZZ_SECONDS ?= 60
# 0 is another seed each time.
FUZZ_SEED ?= 0
FUZZ_TARGETS ?= $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))

# New inputs go to fuzz/found, inputs that break a rule to fuzz/artifacts. The policy has no unsafe code, so no sanitizer is needed.
fuzz: policy.wasm ## Fuzz the policy, each target for FUZZ_SECONDS (60); needs cargo-fuzz and a nightly toolchain
	@cargo +nightly fuzz --version >/dev/null 2>&1 || \
		{ echo 'cargo-fuzz or a nightly toolchain is missing; run cargo install cargo-fuzz --locked and rustup toolchain install nightly.' >&2; exit 1; }
	@set -e; for target in $(FUZZ_TARGETS); do \
		mkdir -p fuzz/found/$$target fuzz/corpus/$$target; \
		cargo +nightly fuzz run --sanitizer none $$target fuzz/found/$$target fuzz/corpus/$$target -- \
			-dict=fuzz/policy.dict -len_control=0 -timeout=60 -seed=$(FUZZ_SEED) -max_total_time=$(FUZZ_SECONDS); \
	done

# documents and survey compare with other readers, and still find new differences now and then.
fuzz-settled: ## Fuzz the targets that every change must pass: FUZZ_SECONDS=60
	@$(MAKE) --no-print-directory fuzz FUZZ_TARGETS='$(filter-out documents survey,$(FUZZ_TARGETS))'

# The tests that run natively, because they take seconds only. Some compare with the module, which does not change.
mutants: export POLICY_WASM = $(CURDIR)/policy.wasm
mutants: policy.wasm ## Mutation testing: show which changes no test notices; needs cargo-mutants, takes hours
	@cargo mutants --version >/dev/null 2>&1 || \
		{ echo 'cargo-mutants is missing; run cargo install cargo-mutants --locked.' >&2; exit 1; }
	PROPTEST_CASES=48 PROPTEST_MAX_SHRINK_ITERS=8 cargo mutants --package http-proxy-policy --package json --package values -- \
		--package e2e-tests --package explain --package http-proxy --package http-proxy-policy --package json --package values --lib \
		--test bad_input --test console --test limits --test properties --test questions --test requests --test scenarios \
		-- --skip of_the_module

# Every policy server's engine has SIMD, which reads strings sixteen bytes at a time. Panic messages contain the paths of sources; remapped,
# the module has the same bytes wherever it is built.
CARGO_HOME ?= $(HOME)/.cargo
WASM_FLAGS := -C target-feature=+simd128 \
	--remap-path-prefix=$(CARGO_HOME)=/cargo --remap-path-prefix=$(CURDIR)=/http-proxy-policy
# Less inlining than LLVM's default: 10 % smaller for 2 % more instructions, so that the playground loads fast.
policy.wasm bench: export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS = $(WASM_FLAGS) -C llvm-args=-inline-threshold=100
explain.wasm survey.wasm: export CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS = $(WASM_FLAGS)

policy.wasm: $(SOURCES) ## Build the policy
	@rustup target list --installed 2>/dev/null | grep -q '^$(WASM_TARGET)$$' || rustup target add $(WASM_TARGET) || \
		{ echo 'The Rust target $(WASM_TARGET) is missing; rustup target add $(WASM_TARGET) installs it.' >&2; exit 1; }
	cargo build --locked --release --target $(WASM_TARGET) --package http-proxy-policy
	@cp $(WASM_RELEASE)/http_proxy_policy.wasm $@

EXPLAIN_SOURCES := $(shell find crates/admission crates/clients crates/documents crates/explain crates/explain-wasm crates/survey crates/survey-wasm \
	-path "*/tests/*" -prune -o -type f -print)

explain.wasm: $(SOURCES) $(EXPLAIN_SOURCES) ## Build the explanation as a module, for the playground
	cargo build --locked --profile explanation --target $(WASM_TARGET) --package explain-wasm
	@cp $(dir $(WASM_RELEASE))explanation/explain_wasm.wasm $@

survey.wasm: $(SOURCES) $(EXPLAIN_SOURCES) ## Build the survey as a module, for the playground
	cargo build --locked --profile explanation --target $(WASM_TARGET) --package survey-wasm
	@cp $(dir $(WASM_RELEASE))explanation/survey_wasm.wasm $@

# Static, for any Linux. ring's C sources need a compiler for the processor: Debian's gcc-aarch64-linux-gnu and libc6-dev-arm64-cross for ARM.
http-proxy-%: export CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_RUSTFLAGS = -Clinker=rust-lld -Clink-self-contained=yes
http-proxy-%: export CC_aarch64_unknown_linux_musl = aarch64-linux-gnu-gcc
http-proxy-%: export CC_x86_64_unknown_linux_musl = gcc
http-proxy-%: ## Build the companion command: http-proxy-x86_64, http-proxy-aarch64
	rustup target add $*-unknown-linux-musl
	cargo build --locked --release --target $*-unknown-linux-musl --package http-proxy
	cp $(or $(CARGO_TARGET_DIR),target)/$*-unknown-linux-musl/release/http-proxy $@

annotated-policy.wasm: policy.wasm policy-metadata.yml README.md .ci/absolute-links ## Build the policy with its metadata, for a registry; needs kwctl
	@command -v kwctl >/dev/null || \
		{ echo 'kwctl is missing; see https://docs.kubewarden.io/howtos/install-kwctl.' >&2; exit 1; }
	@mkdir -p target && .ci/absolute-links <README.md >target/usage.md
	kwctl annotate --metadata-path policy-metadata.yml --usage-path target/usage.md --output-path $@ $<

playground: policy.wasm explain.wasm survey.wasm playground/node_modules/.package-lock.json ## Build the playground, a static page, into playground/dist; needs npm
	npm run --silent --prefix playground build

play: playground ## Serve the playground on loopback: PORT=8080
	node playground/serve.mjs $(PORT)

test-playground: playground tools ## Test the playground and the page of the survey in real browsers; needs Debian's chromium and firefox-esr, or others: CHROMIUM=path, FIREFOX=path
	cargo build --quiet --package cluster-dump
	npm test --silent --prefix playground

# npm writes this file when it has installed what the lock file has.
playground/node_modules/.package-lock.json: playground/package-lock.json
	@command -v npm >/dev/null || { echo 'npm is missing; Debian and Ubuntu have it in the package npm.' >&2; exit 1; }
	npm ci --prefix playground --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@

reproducible: policy.wasm ## Build the policy again, in another folder and from fresh downloads, and compare
	rm -rf target/reproducible && mkdir -p target/reproducible/source
	git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents --target-directory target/reproducible/source
	CARGO_HOME=$(CURDIR)/target/reproducible/cargo CARGO_TARGET_DIR=$(CURDIR)/target/reproducible/target \
		$(MAKE) --directory target/reproducible/source policy.wasm
	cmp policy.wasm target/reproducible/source/policy.wasm

supply-chain: ## Check licences, sources and known vulnerabilities of dependencies; needs cargo-deny and cargo-audit
	cargo deny --workspace check
	cargo audit

push: annotated-policy.wasm ## Push the annotated policy to a registry: OCI_URL=registry/repository TAG=v1.2.3 KWCTL_FLAGS=…; needs kwctl
	kwctl push $(KWCTL_FLAGS) $< 'registry://$(OCI_URL):$(TAG)'

release-check: tools ## Check what can go wrong in a release and needs no network: versions, changelog, module, chart, playground, notes
	.ci/release-check $(if $(UNRELEASED),--unreleased)

artifacthub: tools ## Update artifacthub-pkg.yml and artifacthub-repo.yml from policy-metadata.yml and questions-ui.yml
	$(TOOLS)/artifact-hub

chart: tools ## Update the chart's generated files and settings.schema.json from policy-metadata.yml, questions-ui.yml, values.yaml and the table of settings
	$(TOOLS)/chart

# cargo run would build all dependencies once more, with other features than the tests have.
tools:
	@cargo test --quiet --no-run

fmt: ## Format the sources
	cargo fmt --all
	cargo fmt --manifest-path fuzz/Cargo.toml

lint: ## Check formatting, clippy, the documentation in the sources, their structure and sizes, and the phrases of pages and messages
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo clippy --workspace --all-targets --all-features -- --deny warnings
	cargo clippy --locked --manifest-path fuzz/Cargo.toml --target-dir target -- --deny warnings
	RUSTDOCFLAGS='--deny warnings' cargo doc --quiet --workspace --no-deps --document-private-items
	cargo test --quiet --test architecture --test prose

clean: ## Remove what was built
	cargo clean
	rm -f policy.wasm explain.wasm survey.wasm annotated-policy.wasm http-proxy-x86_64 http-proxy-aarch64
	rm -rf playground/dist
