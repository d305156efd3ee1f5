#!/usr/bin/env bash
# Fuzzes everything that deme reads from files: tests/fuzz.sh [SECONDS [TARGET...]]
#
# Each target of fuzz/ runs for SECONDS, a minute by default. An input that makes the library panic,
# or takes more than 10 s or 2 GiB, ends the script with exit code 1 and is kept in
# fuzz/artifacts/TARGET. A world has 300 s, because its loops run some 20 times slower here than in a
# release build. Repeat an input with
#
#     cargo fuzz run --sanitizer none TARGET fuzz/artifacts/TARGET/FILE
#
# What a target finds interesting is kept in fuzz/corpus/TARGET, where the next run begins.
#
# Needs Rust and a C++ compiler. Installs cargo-fuzz if it is missing. The sanitizers of cargo-fuzz
# need a nightly toolchain, so none is used: deme has no unsafe code where it reads files, and the
# coverage that guides the search comes with the stable compiler.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
targets=("${@:2}")
[ ${#targets[@]} -gt 0 ] || targets=(champion checkpoint config csv idx log npy npz world)

command -v cargo-fuzz > /dev/null || cargo install cargo-fuzz --locked

# Dependencies have the versions that deme has.
cp Cargo.lock fuzz/Cargo.lock
# Scratch files are in memory where that is possible.
scratch=$(mktemp -d "$([ -w /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")/deme-fuzz.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# A claim of a huge size fails at once, even if its memory is never written to.
ulimit -v $((6 << 20))

failed=()
for target in "${targets[@]}"; do
    printf '\n== %s, %s s\n' "$target" "$seconds"
    corpus=fuzz/corpus/$target seeds=$scratch/seeds
    mkdir -p "$corpus" "$seeds"
    cargo fuzz build --sanitizer none "$target"
    timeout=10
    [ "$target" = world ] && timeout=300
    limits=(-timeout=$timeout -rss_limit_mb=2048 -max_len=65536)
    run=(cargo fuzz run --sanitizer none "$target" "$corpus")
    # The first run only writes the seeds.
    TMPDIR=$scratch DEME_FUZZ_SEEDS=$seeds "${run[@]}" -- -runs=0 "${limits[@]}" > /dev/null 2>&1
    TMPDIR=$scratch "${run[@]}" "$seeds" -- -max_total_time="$seconds" -print_final_stats=1 \
        "${limits[@]}" || failed+=("$target")
    rm -rf "${scratch:?}"/*
done

if [ ${#failed[@]} -gt 0 ]; then
    echo "failed: ${failed[*]}; the inputs are in fuzz/artifacts"
    exit 1
fi
