#!/usr/bin/env bash
# Measures deme and its peers side by side: sets the peers up, builds deme, and hands every flag on
# to compare.py (see --help), such as: run.sh --only forward --rounds 3
#
# Needs Linux, Python 3.11 or later with venv, and Rust; a C++ compiler lets PyTorch compile, too.
# PYTHON names another Python; PEERS_VENV a virtual environment that has the requirements already.
set -euo pipefail
cd "$(dirname "$0")/../.."

environment=${PEERS_VENV:-target/peers/venv}
requirements=benches/peers/requirements.txt

if [ -z "${PEERS_VENV:-}" ] && ! cmp -s "$requirements" "$environment/installed.txt"; then
    "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --requirement "$requirements"
    cp "$requirements" "$environment/installed.txt"
fi

# A binary that is given needs no building.
case " $* " in
*" --deme "* | *" --deme="* | *" --help "* | *" -h "*) ;;
*) cargo build --release --locked --quiet --bin deme ;;
esac

exec "$environment/bin/python" benches/peers/compare.py "$@"
