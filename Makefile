# Thin: CMake does the building (CMakePresets.json has the builds), this puts the steps in order.
#
#   make run [ARGS=...]      install what is missing, build, run the demo
#   make web                 the page: of `godwit web`, of a home, and as one file
#   make test                everything that must hold: what CI runs
#   make bench [ARGS=...]    the measurements, from the release build; ARGS=load: a home under load beside other servers
#   make cluster             two people talk from home to home, three of them on three NATS servers, while those are killed and restarted
#   make chaos [KILLS=200]   a home killed under load again and again: nothing lost, nothing doubled
#   make soak [MINUTES=30]   a home at 70 % of what it carries: its memory stays flat
#   make sim                 many simulated worlds, of which `make test` runs a few
#   make fuzz [SECONDS=60]   each fuzz target in turn, beyond its corpus
#   make lab [ARGS=...]      which messenger gets through which blocking: build/lab/lab.html (needs root)
#   make lint | format       check style | put the formatting right
#   make wasm                the engine for the web app: build/wasm/bin/godwit.wasm, packed into web/src/engine/
#   make clean

.PHONY: all run cluster web deb test bench chaos soak sim fuzz lab lint format clean install build-release build-asan wasm
.DEFAULT_GOAL := all
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:

ARGS ?=
SECONDS ?= 60
KILLS ?= 200
MINUTES ?= 30
# Tests that could not run here say why, those over vectors how many held, and those in a browser that they needed a second try;
# ctest keeps that for itself.
said = grep -hoE '(SKIPPED:|SECOND TRY:|\[  (VECTORS|INTEROP) \]) .*' build/$(1)/Testing/Temporary/LastTest.log | sort -u || true
SOURCES = find $(wildcard src sim lab bench fuzz tests) -name "*.h" -o -name "*.cc"

all: build-release web

install:
	@tools/install

# A folder that has just got its CMakeLists.txt is only seen by configuring anew.
build/%/build.ninja: CMakePresets.json $(wildcard src/*/CMakeLists.txt */CMakeLists.txt)
	@tools/step 'configure $*' cmake --preset $*

build-release: install build/release/build.ninja
	@tools/step 'build release (g++)' cmake --build --preset release

build-asan: install build/asan/build.ninja
	@tools/step 'build asan (clang++, ASan + UBSan)' cmake --build --preset asan

# With the engine for browsers beside it, and as one file; its SHA-256 is what is published with a release.
web: wasm
	@tools/step -v 'build the page' web/build build/release/share/godwit/web

# A Debian package of the home, with the page if `make web` was run before.
deb: build-release
	@tools/step -v 'make a Debian package' tools/deb build/release build

wasm: install build/wasm/build.ninja
	@tools/step 'build wasm (clang++)' cmake --build --preset wasm

# Only the programs that are shown: half of the whole is tests. `godwit web` needs no engine for browsers.
run: install build/release/build.ninja
	@tools/step 'build godwit and godwit-home' cmake --build --preset release --target godwit godwit-home
	@tools/step 'build the page' web/build build/release/share/godwit/web
	@tools/demo $(ARGS)

# Linking the engine for browsers takes one processor: the sanitizers' build begins on the other. All is built before anything is tested.
test: build-release build/asan/build.ninja
	@tools/beside ninja -C build/asan -- $(MAKE) web
	@$(MAKE) build-asan
	@tools/step 'tidy' tools/tidy
	@tools/step -v 'test release' ctest --preset release
	@$(call said,release)
	@tools/step -v 'test asan' ctest --preset asan
	@$(call said,asan)

LOAD_PEERS ?= mosquitto ejabberd prosody
load = $(foreach peer,$(LOAD_PEERS),bench/load/install_peer $(peer);) \
  tools/step -v 'a home under load, beside $(LOAD_PEERS)' \
  build/release/bin/bench_load --runs 3 $(foreach peer,$(LOAD_PEERS),--peer $(peer))

# `make bench ARGS=load` is that table alone, medians of three runs in turn; more words are handed to it (--help). After the first run it says how
# long the others will take.
ifeq ($(firstword $(ARGS)),load)
bench: build-release
	@$(load) $(wordlist 2,99,$(ARGS))
else
bench: build-release
	@for program in build/release/bin/bench_*; do [ -x "$$program" ] || continue; \
	  [ "$${program##*/}" != bench_load ] || continue; \
	  tools/step -v "$${program##*/}" "$$program" $(ARGS) || failed="$$failed $${program##*/}"; done; \
	  [ -z "$$failed" ] || { echo "did not end well:$$failed" >&2; exit 1; }
	@$(load) $(ARGS)
	@tools/step -v 'a file of 2 GiB' bench/large_file.py
	@tools/step -v 'linking with files' bench/linking_files.py
	@tools/step -v 'MLS beside ts-mls' bench/mls_peers.py
	@tools/step -v 'relaying calls' bench/call_relay.py
endif

# One home has the store in NATS, two wait; the active one dies, then the server that leads.
cluster: install build/release/build.ninja
	@tools/step 'build godwit and godwit-home' cmake --build --preset release --target godwit godwit-home
	@tools/cluster

# A home is killed under load: what it acknowledged is there, once. `make test` does ten of each.
chaos: build-release
	@tools/step -v 'chaos' build/release/bin/chaos --kills $(KILLS)
	@tools/step -v 'chaos, what was not synced is lost' build/release/bin/chaos --kills $(KILLS) --lossy
	@tools/step -v 'chaos, homes and NATS servers' build/release/bin/chaos --kills $(KILLS) --nats

# Half an hour at 70 % of what the home carries: its memory stays what it is.
soak: build-release
	@tools/step -v 'soak' build/release/bin/bench_load --scene soak --seconds $$(( $(MINUTES) * 60 ))

# A world is the engine's devices, homes and a network that all lie in one process, made from its seed.
sim: build-release
	@tools/step -v 'worlds of two people' build/release/bin/sim --seeds 2000
	@tools/step -v 'groups of 8' build/release/bin/sim --group 8 --seeds 60
	@tools/step -v 'groups of 50' build/release/bin/sim --group 50 --seeds 3
	@tools/step -v 'groups of 8 that lose a home' build/release/bin/sim --group 8 --lost-home --seeds 60
	@tools/step -v 'groups of 50 that lose a home' build/release/bin/sim --group 50 --lost-home --seeds 4
	@tools/step -v 'a crowd of 2,000' build/release/bin/crowd --rounds 12 --awake 8
	@tools/step -v 'crowds that outgrow the hybrid suite' build/release/bin/crowd --seeds 5 --members 130 --batch 15 --rounds 15 --hybrid-up-to 100

fuzz: install build/fuzz/build.ninja
	@tools/step 'build the fuzz targets (clang++)' cmake --build --preset fuzz
	@for program in build/fuzz/fuzz/*_fuzz; do \
	  name=$${program##*/}; name=$${name%_fuzz}; found=build/fuzz/found/$$name; mkdir -p "$$found"; \
	  tools/step "fuzz $$name for $(SECONDS) s" "$$program" -max_total_time=$(SECONDS) \
	    -artifact_prefix="$$found-" "$$found" "fuzz/corpus/$$name" || exit; done

lab: build-release
	@lab/run --install >build/lab-install.log 2>&1 || { tail -n 3 build/lab-install.log >&2; exit 1; }
	@lab/run $(ARGS)

lint: install
	@tools/step 'tidy' tools/tidy
	@tools/step 'clang-format' sh -c '$(SOURCES) | xargs -r clang-format-19 --dry-run -Werror'

format: install
	@tools/step 'clang-format' sh -c '$(SOURCES) | xargs -r clang-format-19 -i'

clean:
	rm -rf build
