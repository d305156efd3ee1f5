#!/usr/bin/env bash
# Measures deme and other libraries on the same work. It installs the libraries, builds deme, and
# passes every flag on to compare.py (see --help), for example: run.sh --only forward --rounds 3
#
# Needs Linux, Rust, and Python 3.11 or later with venv. With a C++ compiler PyTorch can compile its
# formulations as well. The variable PYTHON names another Python, and PEERS_VENV a virtual
# environment that already has the requirements.
set -euo pipefail
cd "$(dirname "$0")/../.."

environment=${PEERS_VENV:-target/peers/venv}
requirements=benches/peers/requirements.txt

if [ -z "${PEERS_VENV:-}" ] && ! cmp -s "$requirements" "$environment/installed.txt"; then
    "${PYTHON:-python3}" -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --requirement "$requirements"
    cp "$requirements" "$environment/installed.txt"
fi

# A binary that is named with --deme need not be built.
case " $* " in
*" --deme "* | *" --deme="* | *" --help "* | *" -h "*) ;;
*) cargo build --release --locked --quiet --bin deme ;;
esac

exec "$environment/bin/python" benches/peers/compare.py "$@"
