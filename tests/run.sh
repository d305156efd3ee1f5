#!/usr/bin/env bash
# Sets a fresh machine up and runs every test: format, lints, documentation, unit, integration and doc
# tests, on the CPU and on a GPU.
#
# Needs Rust. Where no Vulkan, Metal or DirectX adapter answers, it installs Mesa's software Vulkan
# through apt (as root, or with sudo). DEME_SKIP_GPU_TESTS=1 skips what needs an adapter, and says
# how many tests were skipped; there is no other way to skip one. DEME_DENY=1 installs cargo-deny if it
# is missing, which takes minutes; without it dependencies are not checked, and the script says so.
set -euo pipefail
cd "$(dirname "$0")/.."

# Tests neither time the kernels of an adapter nor remember what was fastest.
export DEME_NO_TUNE=1

step() { printf '\n== %s\n' "$*"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

step "dependencies"
# Licences, sources and bans need the registry alone, advisories need their database on GitHub.
if [ "${DEME_DENY:-0}" = 1 ] && ! cargo deny --version > /dev/null 2>&1; then
    cargo install cargo-deny --locked
fi
if cargo deny --version > /dev/null 2>&1; then
    cargo deny --locked check licenses bans sources
    if cargo deny fetch db > /dev/null 2>&1; then
        cargo deny --locked check advisories
    else
        echo "advisories were not checked: their database cannot be fetched"
    fi
else
    echo "not checked: cargo-deny is not installed; DEME_DENY=1 installs it"
fi

step "format"
cargo fmt --all --check

step "lints"
cargo clippy --release --locked --all-targets -- --deny warnings

step "documentation"
RUSTDOCFLAGS="--deny warnings" cargo doc --release --locked --no-deps

step "build"
cargo build --release --locked --all-targets

step "adapter"
if [ "${DEME_SKIP_GPU_TESTS:-0}" = 1 ]; then
    echo "GPU tests are skipped: DEME_SKIP_GPU_TESTS=1"
elif target/release/deme devices --json | grep -q '"name"'; then
    target/release/deme devices
else
    echo "no adapter answers; installing Mesa's software Vulkan"
    as_root apt-get update -qq
    as_root apt-get install -y -qq --no-install-recommends mesa-vulkan-drivers libvulkan1
    target/release/deme devices
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT

step "tests"
# With nextest every test has a process of its own, and slow ones no longer queue behind each other.
if cargo nextest --version > /dev/null 2>&1; then
    shown=(--success-output immediate --failure-output immediate)
    cargo nextest run --release --locked "${shown[@]}" 2>&1 | tee "$log"
    cargo test --release --locked --benches
else
    cargo test --release --locked --all-targets -- --show-output 2>&1 | tee "$log"
fi

step "documentation tests"
cargo test --release --locked --doc

step "guide"
if command -v mdbook > /dev/null 2>&1; then
    mdbook build docs
else
    echo "mdbook is not installed; its pages, links and commands were tested all the same"
fi

step "summary"
skipped=$(grep -c '^ *skipped (DEME_SKIP_GPU_TESTS=1)' "$log" || true)
echo "all tests passed; $skipped skipped"
