# What can be done with this project: `make` says it.

SWIFT ?= swift
# Without cross-module optimisation hot code that lies in another module runs up to 70 times slower.
RELEASE := -c release -Xswiftc -cross-module-optimization

BUILD_PACKAGES := pkg-config libyaml-dev libcurl4-openssl-dev zlib1g-dev
RUN_PACKAGES := $(BUILD_PACKAGES) python3
TEST_PACKAGES := $(RUN_PACKAGES) nginx-light openssl
BENCH_PACKAGES := $(RUN_PACKAGES) nginx-light haproxy wrk miller

SOURCES := Package.swift Sources Plugins Tests $(wildcard Benchmarks/Package.swift Benchmarks/Sources)

# Published test material, where there is some: tests that need it skip without it.
ifndef OMNIBUS_MATERIAL
OMNIBUS_MATERIAL := $(shell test -x ../shared/data/unpack && ../shared/data/unpack)
endif
ifneq ($(OMNIBUS_MATERIAL),)
export OMNIBUS_MATERIAL
endif

.PHONY: help setup build run test lint format check bench reference clean

help:
	@echo "make run      set up what is missing, build, and serve Routes/ with the demonstration's input"
	@echo "make test     set up what the tests need, and run them"
	@echo "make check    all that CI checks: lint, layering, size, tests, routes"
	@echo "make build    the program in release mode: .build/release/omnibus"
	@echo "make format   format the sources;  make lint: only say what is wrong"
	@echo "make bench    the benchmarks, beside nginx, HAProxy and others"
	@echo "make reference  the pages of docs/plugins/, from what the program says of its components"
	@echo "make setup    install the packages that all of these need;  make clean: remove what was built"

setup:
	@Scripts/setup $(TEST_PACKAGES)

build:
	@Scripts/setup $(BUILD_PACKAGES)
	$(SWIFT) build $(RELEASE) --product omnibus

run:
	@Scripts/setup $(RUN_PACKAGES)
	$(SWIFT) build $(RELEASE) --product omnibus
	@Scripts/serve .build/release/omnibus

test: setup
	$(SWIFT) test

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	Scripts/layering
	Scripts/size
	Scripts/escapes

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

# In debug mode, which the tests need anyway; warnings are errors, as Package.swift says.
check: setup lint
	$(SWIFT) build --build-tests
	.build/debug/omnibus check Routes
	Scripts/reference .build/debug/omnibus --check
	$(SWIFT) test --skip-build

reference:
	$(SWIFT) build --product omnibus
	Scripts/reference .build/debug/omnibus

bench:
	@Scripts/setup $(BENCH_PACKAGES)
	$(SWIFT) build $(RELEASE) --product omnibus
	$(SWIFT) build $(RELEASE) --package-path Benchmarks
	Benchmarks/run $(BENCH)

clean:
	rm -rf .build .run Benchmarks/.build Benchmarks/results
