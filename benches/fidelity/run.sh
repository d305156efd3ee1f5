#!/usr/bin/env bash
# Measures deme against published numbers and writes docs/fidelity.md: builds deme, and hands every
# flag on to fidelity.py (see --help), such as: run.sh --quick
#
# Needs Rust and Python 3.11 or later (PYTHON names another), and nothing else.
set -euo pipefail
cd "$(dirname "$0")/../.."

# A binary that is given needs no building.
case " $* " in
*" --deme "* | *" --deme="* | *" --help "* | *" -h "*) ;;
*) cargo build --release --locked --quiet --bin deme ;;
esac

exec "${PYTHON:-python3}" benches/fidelity/fidelity.py "$@"
