# `make` alone says what there is.

CARGO ?= cargo

.PHONY: help demo test soak bench mutants fuzz replay static deb sbom tools format deny build scripts units

help:
	@echo 'make demo    a simulated contact centre and the exporter on it; no account needed'
	@echo 'make test    install what is missing, then check everything'
	@echo 'make soak [SOAK_MINUTES=n] [SOAK_SEED=n]   what takes long and needs no repetition in every test'
	@echo 'make bench   measure what is promised about speed'
	@echo 'make mutants [SHARD=k/n]   whether the tests notice when the rules of counting and planning are changed; hours'
	@echo 'make fuzz [SECONDS=n]    bytes of all kinds against whatever is read; five minutes for each of six'
	@echo 'make deb     a Debian package, in target/debian'
	@echo 'make sbom    what the program is made of, as CycloneDX, in target'
	@echo 'make replay FILE=history.jsonl TARGET=0.05   when AbandonmentSpike would have paged on your history'

demo:
	$(CARGO) run --release --locked -- demo

bench:
	$(CARGO) bench --locked

# SHARD: the k-th of n parts, from 0, as 0/8; all of it where it is not given. What no test noticed is listed at the end,
# and in mutants.out. The tests of the library alone are run, against copies of the tree.
SHARD ?= 0/1
mutants:
	$(CARGO) mutants --version || $(CARGO) install --locked cargo-mutants
	$(CARGO) mutants --shard '$(SHARD)' \
		--file 'src/fact/**' --file 'src/ledger/**' --file 'src/poller/coverage/**' --file 'src/poller/fetch/**' \
		-- --locked --lib

# SECONDS each. What is found lies in fuzz/artifacts; made small, it belongs into tests/fuzz.
SECONDS ?= 300
fuzz:
	$(CARGO) fuzz --version || $(CARGO) install --locked cargo-fuzz
	for target in page record time config web_config stored; do \
		mkdir -p "fuzz/corpus/$$target"; \
		$(CARGO) fuzz run --sanitizer none "$$target" "fuzz/corpus/$$target" "tests/fuzz/$$target" -- \
			-max_total_time=$(SECONDS) -max_len=8192 || exit 1; \
	done

# FILE: a finished conversation a line, see docs/alerts.md. TARGET: the abandonment ratio allowed.
TARGET ?= 0.05
replay:
	$(CARGO) run --quiet --release --locked -- replay '$(FILE)' --target '$(TARGET)'

# One binary with the C library inside, for every Linux of this kind of processor; the image is made of the same.
HOST = $(shell rustc -vV | sed -n 's/^host: //p')
static:
	RUSTFLAGS='-C target-feature=+crt-static' $(CARGO) build --locked --profile dist --target $(HOST) --bin smartassist-exporter

deb: static
	$(CARGO) deb --version || $(CARGO) install --locked cargo-deb
	$(CARGO) deb --locked --no-build --no-strip --profile dist --target $(HOST) --output target/debian/

# Crates of the program and those that build it, with versions and licences; what only tests use is none of it.
sbom:
	$(CARGO) cyclonedx --version || $(CARGO) install --locked cargo-cyclonedx
	$(CARGO) cyclonedx --quiet --format json --spec-version 1.5 --target $(HOST) --override-filename smartassist-exporter.cdx
	mv smartassist-exporter.cdx.json target/

# In the order of what is fastest to fail.
test: tools scripts format deny build units

tools:
	.ci/install-tools

scripts:
	sh -n .ci/run
	sh -n .ci/install-tools

format:
	$(CARGO) fmt --all --check

# The cargo's own, where there is one, or the one that `tools` brought.
deny:
	$(CARGO) fetch --locked --quiet
	PATH="$$PATH:.cache/deny/bin" cargo-deny --offline --log-level error check bans licenses sources

# Clippy compiles what is of this package, so that all of it is linted as it is built: a check by itself would compile the
# dependencies once more, for nothing else. Of what is built once, no parts are kept for the next time.
build units: export RUSTC_WORKSPACE_WRAPPER = clippy-driver
build units: export RUSTFLAGS += -D warnings
build units: export CARGO_INCREMENTAL = 0

build:
	$(CARGO) test --locked --all-targets --no-run

# Unit, property, end-to-end and doc tests. Many wait for processes most of their time: six at once on two cores.
TEST_THREADS ?= $(shell expr $$(nproc) \* 3)
units:
	$(CARGO) test --locked --lib --test it -- --test-threads=$(TEST_THREADS)
	$(CARGO) test --locked --doc

# SOAK_MINUTES: how long one state goes through every trouble; SOAK_SEED: the order that an earlier run printed;
# SOAK_TROUBLES: how many steps each number of replicas goes through.
# One after the other: some measure how long things take, and others need all there is.
soak: tools
	$(CARGO) test --release --locked --test slow soak:: -- --nocapture
	$(CARGO) test --release --locked --test slow replicas:: -- --nocapture --test-threads=1
	$(CARGO) test --release --locked --test slow -- --skip soak:: --skip replicas:: --test-threads=1
