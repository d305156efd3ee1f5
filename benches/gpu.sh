#!/usr/bin/env bash
# Measures deme on a GPU with one command. The script builds deme, verifies its kernels on that GPU
# (deme verify), and then measures deme with its roofline, and JAX (gymnax) and PyTorch on the same
# GPU. If the verification fails, nothing is measured. The list of work is peers/gpu.toml.
#
#   benches/gpu.sh                                     everything, within 8 minutes
#   benches/gpu.sh --deme FILE --out DIR --adapter H100
#   benches/gpu.sh --quick --adapter llvmpipe          tiny sizes, to check that everything runs
#
# --deme FILE      a prebuilt binary [default: cargo build --release]
# --out DIR        the folder of the results [default: benches/results/gpu-DATE-ADAPTER]
# --adapter NAME   a part of the GPU's name, for deme [default: the first hardware GPU]
# --minutes N      end after N minutes, without the build; the report names rows that are left
#                  [default: 8]
# --quick          tiny sizes and one round. The verification covers one task and may run out of
#                  time, which the script reports. Such a run only shows that the script works
# Any other flag goes to peers/compare.py, such as --only cartpole or --rounds 3.
#
# DIR receives verify.json, devices.json, report.json and report.md. The last two are rewritten
# after every row, so that an interrupted run keeps its results.
#
# Needs Linux and Python 3.11 or later. deme needs a Vulkan loader (libvulkan.so.1, Debian's package
# libvulkan1) and the ICD of the GPU driver. If the loader does not find the driver, VK_DRIVER_FILES
# names its ICD file, such as /usr/share/vulkan/icd.d/nvidia_icd.json.
#
# Works without a network:
# - deme: build it elsewhere for the same processor, on a system whose C library is not newer, and
#   name it with --deme; or bring the sources with `cargo vendor` and Rust.
# - the loader: unpack the .deb of libvulkan1 (dpkg -x) and add its folder to LD_LIBRARY_PATH.
# - peers: the libraries that can be imported run, and the report names the others. On a machine
#   with a network run: pip download --dest wheels 'jax[cuda13]' gymnax six torch numpy (jax[cuda12]
#   for older drivers; versions as in peers/requirements.txt). Then run here: pip install --no-index
#   --find-links wheels, with the same names. PyTorch's compiled formulations also need a C
#   compiler.
#
# PYTHON names the Python that has the libraries [default: that of PEERS_VENV, or python3].
# Exit codes: 0 done, 1 the verification failed or a row failed or was left out, 2 bad flags.
set -euo pipefail
here=$(pwd)
cd "$(dirname "$0")/.."

fail() { echo "gpu.sh: $2" >&2; exit "$1"; }
step() { printf '\n== %s (%d s)\n' "$*" "$SECONDS" >&2; }
# Makes a path absolute, relative to the folder in which the user started the script.
absolute() { case "$1" in /*) echo "$1" ;; *) echo "$here/$1" ;; esac; }

deme= out= minutes=8 quick=
adapter=() rest=()
while [ $# -gt 0 ]; do
    case "$1" in
    --deme | --out | --adapter | --minutes) [ $# -ge 2 ] || fail 2 "$1: expected a value" ;;
    esac
    case "$1" in
    --deme) deme=$(absolute "$2"); shift 2 ;;
    --out) out=$(absolute "$2"); shift 2 ;;
    --adapter) adapter=(--adapter "$2"); shift 2 ;;
    --minutes) minutes=$2; shift 2 ;;
    --quick) quick=1; shift ;;
    -h | --help) sed -n '2,/^set -/{/^set -/!s/^# \{0,1\}//p}' "benches/${0##*/}"; exit 0 ;;
    *) rest+=("$1"); shift ;;
    esac
done
[[ $minutes =~ ^[0-9]+([.][0-9]+)?$ ]] || fail 2 "--minutes: expected a number; got $minutes"

python=${PYTHON:-${PEERS_VENV:+$PEERS_VENV/bin/python}}
python=${python:-python3}
"$python" -c 'import tomllib' 2>/dev/null || fail 2 "$python: expected Python 3.11 or later"

if [ -z "$deme" ]; then
    step "build"
    cargo build --release --locked --bin deme
    deme=$PWD/target/release/deme
fi
[ -x "$deme" ] || fail 2 "--deme: expected a program, got $deme"

# The time limit starts here.
SECONDS=0
total=$("$python" -c "print(round(60 * $minutes))")

step "devices"
devices=$(timeout 30 "$deme" devices --json) || fail 1 "deme devices failed"
# The adapter that deme will use: the named one, or else the first hardware adapter.
name=$("$python" -c '
import json, re, sys
named = [each for each in json.loads(sys.argv[1]) if sys.argv[2].lower() in each["name"].lower()]
taken = [each for each in named if sys.argv[2] or each["device_type"] != "software"]
print(re.sub("[^a-z0-9]+", "-", taken[0]["name"].lower()).strip("-") if taken else "")
' "$devices" "${adapter[1]:-}")
[ -n "$name" ] || fail 1 "expected a GPU with Vulkan, got: $devices
install the driver and libvulkan1, name the driver's ICD in VK_DRIVER_FILES, or see --adapter"
out=${out:-$PWD/benches/results/gpu-$(date -u +%Y-%m-%d)-$name}
mkdir -p "$out"
printf '%s\n' "$devices" >"$out/devices.json"

# The verification may use at most half of the time.
limit=$((total / 2)) subjects=()
if [ -n "$quick" ]; then limit=$((total / 6)) subjects=(xor); fi
step "verify, at most $limit s"
code=0
timeout --foreground "$limit" "$deme" verify "${subjects[@]}" --backend gpu "${adapter[@]}" --json \
    >"$out/verify.json" || code=$?
if [ "$code" -eq 124 ] && [ -n "$quick" ]; then
    echo "deme verify did not end within $limit s: a dry run goes on without it" >&2
elif [ "$code" -ne 0 ]; then
    [ "$code" -ne 124 ] || fail 1 "deme verify did not end within $limit s; raise --minutes"
    fail 1 "deme verify failed with $code, so nothing is measured: see $out/verify.json"
fi

step "bench"
options=(--rounds 2 --patience 120)
if [ -n "$quick" ]; then
    options=(--rounds 1 --patience 120 --quick)
    # The autotuner's times are meaningless at such sizes.
    export DEME_NO_TUNE=1
fi
left=$((total - SECONDS))
code=0
# compare.py ends in time by itself. If it hangs, this ends it, and its results so far remain.
timeout --foreground --kill-after 10 $((left + 15)) "$python" benches/peers/compare.py \
    --work benches/peers/gpu.toml --deme "$deme" "${adapter[@]}" --verified "$out/verify.json" \
    --minutes "$("$python" -c "print($left / 60)")" --out "$out/report" \
    "${options[@]}" "${rest[@]}" || code=$?
step "done: $out/report.md"
exit "$code"
