#!/usr/bin/env bash
# Draws the pictures in docs/src/images: trains, plays and reports. Needs a built `deme`; the
# variable DEME names another one than the release build.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
deme=$(realpath "${DEME:-$root/target/release/deme}")
cd "$root/docs/src/images"
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

# Trains on a task into the folder of its name.
train() { "$deme" train "$@" --backend cpu --quiet --out "$runs/$1" > "$runs/$1.txt"; }

for task in cartpole mountaincar acrobot pendulum digits; do train "$task"; done
train swingup --network 16 --episodes 4 --generations 300
train double-pole

"$deme" play "$runs/cartpole" --quiet --steps 150 --gif cartpole.gif
"$deme" play "$runs/mountaincar" --quiet --gif mountaincar.gif
"$deme" play "$runs/acrobot" --quiet --gif acrobot.gif
"$deme" play "$runs/pendulum" --quiet --steps 100 --gif pendulum.gif
"$deme" play "$runs/swingup" --quiet --steps 500 --gif swingup.gif
"$deme" play "$runs/double-pole" --quiet --steps 200 --gif double-pole.gif
"$deme" play "$runs/digits" --svg digits.svg

train double-pole-hidden --strategy neat --seed 4 --generations 300 --until never
"$deme" play "$runs/double-pole-hidden" --quiet --episodes 1 --graph network.svg > /dev/null
"$deme" train xor --strategy neat --seed 3 --backend cpu --quiet --out "$runs/xor-neat-3" > /dev/null
"$deme" report "$runs/xor-neat-3" --species species.svg
train maze --novelty
"$deme" play "$runs/maze" --quiet --svg maze.svg
for seed in 1 2 3 4 5 6 7; do
    for objective in novelty fitness; do
        "$deme" train maze --novelty="$([ $objective = novelty ] && echo true || echo false)" \
            --seed "$seed" --until never --evaluations 40000 --backend cpu --quiet \
            --out "$runs/$objective-$seed" > /dev/null
    done
done
"$deme" report "$runs"/novelty-* "$runs"/fitness-* --svg novelty.svg > /dev/null

# The pictures of the pages on evolution and networks.
"$deme" train cartpole --network 4 --backend cpu --quiet --out "$runs/small" > /dev/null
"$deme" play "$runs/small" --quiet --graph genome.svg > /dev/null
"$deme" play "$runs/xor-neat-3" --quiet --graph xor-network.svg > /dev/null
"$deme" train double-pole-hidden --strategy neat --set add-connection=0.3 --set weight-power=0.5 \
    --set restart=30 --seed 2 --evaluations 200000 --backend cpu --quiet --out "$runs/memory" > /dev/null
"$deme" play "$runs/memory" --quiet --episodes 1 --graph memory.svg > /dev/null
compare() { "$deme" compare "$@" --backend cpu --quiet > /dev/null; }
compare xor --strategies ga,simple-ga,random-search,openai-es --seeds 10 --svg xor.svg
compare ellipsoid-10-rotated --strategies openai-es,snes,sep-cma-es,cma-es --until=-1e-8 \
    --evaluations 10000 --seeds 5 --svg ellipsoid.svg
compare rastrigin-5 --seeds 10 --evaluations 40000 --svg rastrigin.svg --strategies \
    cma-es:sigma=2:restarts=none,cma-es:sigma=2:population=80:restarts=none,cma-es:sigma=2:restarts=ipop
compare mountaincar --strategies ga,openai-es,random-search --generations 100 --seeds 5 --svg flat.svg
compare digits --evaluations 20000 --seeds 3 --svg populations.svg --strategies \
    openai-es:population=16,openai-es:population=64,openai-es:population=256
"$deme" bench cartpole --backend cpu --threads 1 --population 16,64,256,1024,4096 --steps 200 \
    --samples 20 --svg scaling.svg > /dev/null

for strategy in openai-es ga; do
    for seed in 1 2 3 4 5 6 7; do
        "$deme" train acrobot --strategy "$strategy" --population 32 --seed "$seed" --until never \
            --generations 60 --backend cpu --quiet --out "$runs/$strategy-$seed" > /dev/null
    done
done
"$deme" report "$runs"/openai-es-* "$runs"/ga-* --svg curves.svg --html "$runs/report.html"
