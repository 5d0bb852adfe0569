# What a developer runs. Nothing here is needed to build: `go install ./cmd/nurture`
# alone gives the whole program.

.DEFAULT_GOAL := help
.PHONY: help build test race long plan replay fuzz lint protocol fmt bench load hostile generate parts clean
SHELL := /bin/bash

PEERBENCH := engine/runner/peerbench
TOOLS     := $(CURDIR)/tools.mod
CACHE     ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/nurture

# Tests of real parts run the clients that are installed here.
export NURTURE_CLIENTS := $(CACHE)/clients

# As root on Debian, and in CI, every real part can be had, so a missing one is a
# failure; elsewhere its tests are skipped, and said to be.
export NURTURE_REQUIRE_REAL ?= $(shell if [ "$$CI" = true ] || { [ "$$(id -u)" = 0 ] && [ -e /etc/debian_version ]; }; then echo 1; else echo 0; fi)

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

build: ## bin/nurture, as it is released
	CGO_ENABLED=0 go build -trimpath -o bin/nurture ./cmd/nurture

# The time limit is for a test that hangs: the 10 minutes that go test has by itself
# are near what the tests of cmd/nurture take on a busy machine.
test: parts ## all tests, those of real parts included
	@if command -v "$$(go env CC)" >/dev/null; then cd $(PEERBENCH) && go test ./...; \
	else echo "SKIPPED, because there is no C compiler: the tests of $(PEERBENCH)"; fi
	@$(call tests,go test -timeout 25m)

race: parts ## all tests under the race detector
	@$(call tests,go test -race -timeout 2h)

# What is too long for every day: a year of 100,000 leads in every starter, all
# mutants of the workspaces, thousands of random workspaces against the simulator, a
# thousand edits of a workspace on a live server that is killed again and again.
long: ## a simulated year, all mutants, thousands of seeds, a thousand edits (about 40 minutes)
	NURTURE_YEAR_LEADS=100000 go test ./workflows -run Year -v -timeout 2h
	NURTURE_LONG=1 go test ./dsl -run Mutants -timeout 1h
	NURTURE_SEEDS=2000 go test ./engine/runner -timeout 2h
	NURTURE_EDITS=1000 go test ./cmd/nurture -run EditsWhileEventsStream -v -timeout 1h

# What a plan and a replay cost beside live traffic: prints seconds, memory, the
# callers' p99 as a ratio, and the replay's rate as a ratio to the live one.
plan: ## plan and replay on a million leads in flight, beside live traffic
	NURTURE_PLAN_LEADS=$${NURTURE_PLAN_LEADS:-1000000} NURTURE_PLAN_EVENTS=$${NURTURE_PLAN_EVENTS:-1} NURTURE_PLAN_QUIET_MS=20000 \
		NURTURE_PLAN_ROUNDS=$${NURTURE_PLAN_ROUNDS:-3} go test ./cmd/nurture -run PlanAndReplayBesideLiveTraffic -v -timeout 1h

# REPLAYFLAGS="-leads 10000,100000" adds a larger one.
replay: ## the common workload live, then run again from the store: the rates as a ratio
	go test ./engine/runner -run '^$$' -bench '^BenchmarkReplay$$' -benchtime 5x -leads 20000 $(REPLAYFLAGS)

# FUZZTIME=10m is what a release gets.
FUZZTIME ?= 1m
fuzz: ## the loader, the gates of expressions and texts, the language server, whatever strangers send
	@for f in FuzzLoad FuzzExpr FuzzText FuzzMail FuzzFormat FuzzAssist; do \
		go test ./dsl -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) || exit 1; done
	@for f in engine/intake/FuzzDecode engine/intake/FuzzSource engine/intake/FuzzPath engine/tracking/FuzzOpen \
		engine/tracking/FuzzMail cmd/nurture/internal/lists/FuzzRead plugins/email/inbound/FuzzRead; do \
		go test ./$${f%/*} -run '^$$' -fuzz "^$${f##*/}\$$" -fuzztime $(FUZZTIME) || exit 1; done

# tests runs the tests and then tells, loudly, which were skipped for want of a
# part. The file's name is new each time, so that no skip comes out of go's cache.
define tests
skipped=$$(mktemp); trap 'rm -f "$$skipped"' EXIT; \
echo "$(1) ./..."; status=0; \
NURTURE_SKIPPED="$$skipped" $(1) ./... || status=$$?; \
if [ -s "$$skipped" ]; then echo "SKIPPED, because a part is not here:"; sort -u "$$skipped" | sed 's/^/  /'; fi; \
exit $$status
endef

parts: ## what tests of real parts need: Chromium, Node.js, npm clients
	@.ci/parts "$(NURTURE_CLIENTS)"

lint: protocol ## go vet, gofumpt, staticcheck, the protocol of plugins
	go vet ./...
	cd $(PEERBENCH) && go vet ./...
	@unformatted=$$(go tool -modfile=$(TOOLS) gofumpt -l .); \
	if [ -n "$$unformatted" ]; then echo "not in gofumpt's form (make fmt):"; echo "$$unformatted"; exit 1; fi
	go tool -modfile=$(TOOLS) staticcheck ./...
	cd $(PEERBENCH) && go tool -modfile=$(TOOLS) staticcheck ./...

fmt: ## bring all Go files to gofumpt's form
	go tool -modfile=$(TOOLS) gofumpt -w .

# BENCHFLAGS="-leads 10000 -events 200000" makes it short; ratios -h tells the rest.
bench: ## nurture, bare Badger and plain SQLite side by side; loading beside bare parsing: as ratios
	cd $(PEERBENCH) && go run ./ratios $(BENCHFLAGS)
	go test ./dsl -run '^$$' -bench '^Benchmark(LoadCold|Reload)$$' -benchtime 5x

# LOADFLAGS="--leads 10000 --seconds 5" makes it short; go run ./cmd/loadgen -h tells
# the rest. The floor is what bare Badger does with the same rows in the same batches,
# measured right before.
load: build ## the server under load over HTTP, by rate up to saturation (about 15 minutes)
	@floor=$$(mktemp); trap 'rm -f "$$floor"' EXIT; set -o pipefail; \
	go test ./engine/store -run '^$$' -bench '^BenchmarkCommit$$/^leads=100000$$/^batch=(64|1000)$$' -benchtime 200x | tee "$$floor" && \
	go run ./cmd/loadgen --nurture bin/nurture --floor "$$floor" $(LOADFLAGS)

hostile: parts ## the server under attack: the long form of TestHostile, with its figures
	NURTURE_HOSTILE=long go test ./cmd/nurture -run '^TestHostile' -count 1 -v -timeout 60m

# The protocol of plugins as it was released lies beside it, compiled. What would
# break a plugin that was built against it is refused; a new field or call is not.
# buf is built once, from the Go module proxy, and needs no network after that.
BUF := $(CACHE)/bin/buf

$(BUF): tools.mod
	@mkdir -p "$(CACHE)/bin"
	go build -modfile=$(TOOLS) -o "$(CACHE)/bin/" github.com/bufbuild/buf/cmd/buf
	@touch "$(BUF)"

protocol: $(BUF) ## what would break plugins that are out there
	cd plugins/internal/wire && "$(BUF)" lint && "$(BUF)" breaking --against channel.v1.binpb

generate: ## Go code of the plugins' protocol
	@mkdir -p "$(CACHE)/bin"
	go build -modfile=$(TOOLS) -o "$(CACHE)/bin/" github.com/bufbuild/buf/cmd/buf \
		google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/grpc/cmd/protoc-gen-go-grpc
	cd plugins/internal/wire && PATH="$(CACHE)/bin:$$PATH" buf lint && PATH="$(CACHE)/bin:$$PATH" buf generate

clean: ## remove what was built
	rm -rf bin
