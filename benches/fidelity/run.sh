#!/usr/bin/env bash
# Measures deme, compares its results with published ones, and writes docs/src/fidelity.md. It builds
# deme and passes every flag on to fidelity.py (see --help), for example: run.sh --quick
#
# Needs Rust and Python 3.11 or later. The variable PYTHON names another Python.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A build is needed only if deme runs and is not named with --deme.
case " $* " in
*" --page-only "* | *" --deme "* | *" --deme="* | *" --help "* | *" -h "*) ;;
*) cargo build --release --locked --quiet --bin deme ;;
esac

exec "${PYTHON:-python3}" benches/fidelity/fidelity.py "$@"
