# `make` alone says what there is.

CARGO ?= cargo

.PHONY: help demo test soak bench replay tools format lint scripts units

help:
	@echo 'make demo    a simulated contact centre and the exporter on it; no account needed'
	@echo 'make test    install what is missing, then check everything'
	@echo 'make soak    what takes long and needs no repetition in every test'
	@echo 'make bench   measure what is promised about speed'
	@echo 'make replay FILE=history.jsonl TARGET=0.05   how the alert rules would have paged on your history'

demo:
	$(CARGO) run --release --locked -- demo

bench:
	$(CARGO) bench --locked

# FILE: a finished conversation a line, see docs/alerts.md. TARGET: the abandonment ratio allowed.
TARGET ?= 0.05
replay:
	$(CARGO) run --quiet --locked --example replay -- '$(FILE)' '$(TARGET)'

# In the order of what is fastest to fail.
test: tools scripts format lint units

tools:
	.ci/install-tools

scripts:
	sh -n .ci/run
	sh -n .ci/install-tools

format:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --locked --all-targets -- -D warnings

# Unit, property, end-to-end and doc tests.
units:
	$(CARGO) test --locked --lib --bins --examples --test it
	$(CARGO) test --locked --doc

soak: tools
	$(CARGO) test --locked --test slow
