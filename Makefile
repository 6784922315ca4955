# What can be done with this project: `make` says it.

SWIFT ?= swift
# Without cross-module optimisation hot code that lies in another module runs up to 70 times slower.
RELEASE := -c release -Xswiftc -cross-module-optimization

BUILD_PACKAGES := pkg-config libyaml-dev libcurl4-openssl-dev libssl-dev libsqlite3-dev zlib1g-dev \
  librabbitmq-dev librnp-dev libxml2-dev
RUN_PACKAGES := $(BUILD_PACKAGES) python3
TEST_PACKAGES := $(RUN_PACKAGES) nginx-light openssl gnupg libxml2-utils rabbitmq-server python3-venv python3-yaml python3-jsonschema prometheus strace
CARE_PACKAGES := $(RUN_PACKAGES) python3-venv gnupg rabbitmq-server curl
DIST_PACKAGES := $(BUILD_PACKAGES) binutils patchelf
BENCH_PACKAGES := $(RUN_PACKAGES) gnupg openssl nginx-light haproxy wrk miller python3-jsonschema python3-fastjsonschema

SOURCES := Package.swift Sources Plugins Tools Tests Benchmarks/Package.swift Benchmarks/Sources \
  Fuzz/Package.swift Fuzz/Sources Fuzz/Tests \
  Examples/Maildir/Package.swift Examples/Maildir/Sources Examples/Maildir/Tests

# All tests at once would have each wait for so long that the time-outs in them pass.
AT_ONCE := --experimental-maximum-parallelization-width 16

# Published test material, where there is some: tests that need it skip without it.
ifndef OMNIBUS_MATERIAL
OMNIBUS_MATERIAL := $(shell test -x ../shared/data/unpack && ../shared/data/unpack)
endif
ifneq ($(OMNIBUS_MATERIAL),)
export OMNIBUS_MATERIAL
endif

# How often the engine is killed.
KILLS ?= 200

# Seconds that each target is fuzzed; FUZZ names one or some of them, all where it is empty.
TIME ?= 60

.PHONY: help setup build run run-care test lint format check bench fuzz soak reference dist try-dist clean

help:
	@echo "make run      set up what is missing, build, and serve Routes/care/office with the demonstration's input"
	@echo "make run-care   all of Routes/care, with stand-ins for AWS and RabbitMQ, a partner, and what becomes of what it sends"
	@echo "make test     set up what the tests need, and run them"
	@echo "make check    all that CI checks: lint, layering, size, tests, routes"
	@echo "make build    the program in release mode: .build/release/omnibus"
	@echo "make format   format the sources;  make lint: only say what is wrong"
	@echo "make bench    the benchmarks, beside nginx, HAProxy and others"
	@echo "make fuzz     fuzz every parser for a minute; make fuzz FUZZ=json TIME=10: one, for ten seconds"
	@echo "make soak     kill the engine under load 200 times, and see that it kept its promise; make soak KILLS=1000"
	@echo "make reference  the pages of docs/plugins/, from what the program says of its components"
	@echo "make dist     dist/omnibus-VERSION-linux-ARCH.tar.gz, with the runtime, a systemd unit and a Containerfile"
	@echo "make try-dist   and try it on a bare Debian 12 (as root, with debootstrap)"
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

run-care:
	@Scripts/setup $(CARE_PACKAGES)
	$(SWIFT) build $(RELEASE) --product omnibus
	@Scripts/serve-care .build/release/omnibus

test: setup
	$(SWIFT) test $(AT_ONCE)

lint:
	$(SWIFT) format lint --strict --parallel --recursive $(SOURCES)
	Scripts/layering
	Scripts/size
	Scripts/escapes
	Scripts/examples --page

format:
	$(SWIFT) format --in-place --parallel --recursive $(SOURCES)

# In debug mode, which the tests need anyway; warnings are errors, as Package.swift says.
check: setup lint
	$(SWIFT) build --build-tests
	.build/debug/omnibus check Routes
	.build/debug/omnibus check Packaging/etc/routes
	Scripts/reference .build/debug/omnibus --check
	Scripts/examples
	Tests/Faults/run .build/debug/omnibus --kills 10
	$(SWIFT) test --skip-build $(AT_ONCE)

reference:
	$(SWIFT) build --product omnibus
	Scripts/reference .build/debug/omnibus

bench:
	@Scripts/setup $(BENCH_PACKAGES)
	$(SWIFT) build $(RELEASE) --product omnibus
	$(SWIFT) build $(RELEASE) --package-path Benchmarks
	Benchmarks/run $(BENCH)

dist:
	@Scripts/setup $(DIST_PACKAGES)
	$(SWIFT) build $(RELEASE) --product omnibus
	Scripts/dist .build/release/omnibus

try-dist: dist
	Scripts/try-dist dist/omnibus-$$(.build/release/omnibus --version)-linux-$$(uname -m).tar.gz

# With coverage and address checks in every module, and with what only its own module sees open to the targets.
fuzz:
	@Scripts/setup $(BUILD_PACKAGES)
	OMNIBUS_FUZZER=1 $(SWIFT) build -c release --package-path Fuzz --sanitize=fuzzer --sanitize=address -Xswiftc -enable-testing
	Fuzz/run -t $(TIME) $(FUZZ)

soak: setup
	$(SWIFT) build $(RELEASE) --product omnibus
	Tests/Faults/run .build/release/omnibus --kills $(KILLS)

clean:
	rm -rf dist .build Examples/*/.build .run Benchmarks/.build Benchmarks/results Fuzz/.build Fuzz/results
