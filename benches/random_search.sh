#!/bin/sh
# Compares the registry's defaults of every strategy with random search on every built-in task, at the
# same number of evaluations, and lists the pairs in which the median is not better.
set -eu

case "${1-}" in
--help | -h)
    echo "usage: benches/random_search.sh [DEME] [EVALUATIONS] [SEEDS]"
    echo
    echo "  DEME         the command [default: target/release/deme]"
    echo "  EVALUATIONS  the budget of a trial [default: 20000]"
    echo "  SEEDS        the trials of each pair [default: 5]"
    echo
    echo "It prints a line for each task and exits with 1 if random search is as good anywhere."
    exit 0
    ;;
esac
deme=${1-target/release/deme}
evaluations=${2-20000}
seeds=${3-5}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
names() {
    "$deme" "$1" --json | python3 -c 'import json, sys; print(*[x["name"] for x in json.load(sys.stdin)])'
}

for task in $(names tasks); do
    all=
    for strategy in $(names strategies); do
        # A strategy that does not suit the task is refused with exit code 2.
        if "$deme" train "$task" --strategy "$strategy" --generations 1 --backend cpu --quiet \
            --out "$folder/try" >/dev/null 2>"$folder/error"; then
            all=$all,$strategy
        else
            echo "$task: $strategy is refused: $(tail -n 1 "$folder/error")"
        fi
        rm -rf "$folder/try"
    done
    "$deme" compare "$task" --strategies "${all#,}" --evaluations "$evaluations" --seeds "$seeds" \
        --backend cpu --quiet --json >"$folder/$task.json"
done
python3 - "$folder" <<'PYTHON'
import json, pathlib, statistics, sys
worse = 0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
    scores = {}
    for trial in json.loads(path.read_text())["trials"]:
        # A solved trial stops at the target, so every solved trial counts as equally good.
        score = float("inf") if trial["solved"] else trial["score"]
        scores.setdefault(trial["strategy"], []).append(float("-inf") if score is None else score)
    medians = {name: statistics.median(of) for name, of in scores.items()}
    least = medians.pop("random-search")
    behind = [name for name, median in medians.items() if median <= least and median != float("inf")]
    worse += len(behind)
    print(f"{path.stem}: random search {least:g}; not better: {', '.join(behind) or 'none'}")
sys.exit(worse > 0)
PYTHON
