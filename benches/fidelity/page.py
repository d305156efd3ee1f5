"""The page of a comparison with published numbers, as Markdown."""

from typing import Any

Row = dict[str, Any]

# Of each measure: what it is called, and whether more of it is better.
MEASURES = {
    "solved": ("seeds solved", True),
    "unsolved": ("seeds not solved", True),
    "evaluations": ("mean evaluations", False),
    "evaluations_median_of_all": ("median evaluations", False),
    "evaluations_spent": ("mean evaluations, all trials", False),
    "score_median": ("median score", True),
    "score_min": ("worst score", True),
}


def page(sections: list[Row]) -> str:
    rows = [row for section in sections for row in section["row"]]
    lines = [
        "# Fidelity: our numbers beside the published ones",
        "",
        "Written by `benches/fidelity/run.sh`; do not edit. What is measured and where the published "
        "numbers come from stands in `benches/fidelity/rows.toml`. Each published number is somebody "
        "else's, from another machine, sometimes recalled by a third: a witness, not a target.",
        "",
        f"- **Result.** {tally(rows)}.",
        *measured(rows),
        "- **Method.** Every command stands beside its row; seeds are 1, 2, 3, ... All trials count: "
        "one that does not reach the task's threshold within its budget is not solved. Evaluations "
        "are of training: one an episode of an individual, or one an individual of a data set or a "
        "function. Where not all seeds are solved, the mean is the expected running time (ERT): the "
        "evaluations of all trials over the number of solved ones. A score is the mean over held-out "
        "episodes (accuracy on held-out samples) of the network that a run hands over.",
    ]
    for section in sections:
        lines += ["", f"## {section['title']}", "", section["text"].strip(), ""]
        lines += ["| what | measure | ours | spread | solved | published | command |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [line(row) for row in section["row"]]
        notes = [note for row in section["row"] for note in row["result"].get("notes", [])
                 if "--until" not in note]
        lines += ["", *[f"- {note}" for note in dict.fromkeys(notes)]] if notes else []
    return "\n".join(lines) + "\n"


def measured(rows: list[Row]) -> list[str]:
    """How many rows are of which version, machine and date, in the order of the rows."""
    takes: dict[str, list[float]] = {}
    for result in (row["result"] for row in rows if "row" in row["result"]):
        of = f"{result['version']}, on {result['date']}; {machine(result['machine'])}"
        takes.setdefault(of, []).append(result["seconds"])
    return [f"- **Measured.** {len(seconds)} rows in {sum(seconds):,.0f} s: {of}."
            for of, seconds in takes.items()]


def machine(about: Row) -> str:
    memory = about["memory_bytes"]
    memory = f", {memory / 2**30:.0f} GiB" if memory else ""
    return (f"{about['cpu'] or 'unknown processor'} ({about['architecture']}, {about['vectors']}), "
            f"{about['threads']} threads{memory}, {about['os']}")


def line(row: Row) -> str:
    result = row["result"]
    name = MEASURES[row["measure"]][0]
    ours, spread, solved = "–", "", ""
    if "row" in result:
        found = result["row"]
        ours, spread = f"**{number(value(row, found), row)}**", between(row, found)
        solved = f"{found['solved']} of {found['trials']}"
        if "at_least_solved" in row:
            solved += f" (at least {row['at_least_solved']:.0%})"
        if row["measure"] == "evaluations" and found["evaluations_mean"] is None:
            name = "expected evaluations (ERT)"
    elif "not_available" in result:
        ours = f"not available: {result['not_available']}"
    elif "not_run" in result:
        ours = f"not run ({result['not_run']})"
    else:
        ours = f"**BROKEN**: {result['broken']}"
    cells = [row["what"], name, ours, spread, solved, published(row), f"`{result['command']}`"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def value(row: Row, found: Row) -> float | None:
    """Our number; none where no trial has one."""
    match row["measure"]:
        case "solved":
            return found["success_rate"]
        case "unsolved":
            return 1.0 - found["success_rate"]
        case "evaluations":
            return found["expected_evaluations"]
        case other:
            return found[other]


def between(row: Row, found: Row) -> str:
    """The quartiles of what the measure is about."""
    stem = "score" if row["measure"].startswith("score") else "evaluations"
    lower, upper = found[f"{stem}_lower"], found[f"{stem}_upper"]
    if lower is None or upper is None:
        return ""
    like = {"measure": stem}
    unit = "" if stem == "score" else " evaluations"
    return f"{number(lower, like)} to {number(upper, like)}{unit}"


def number(value: float | None, row: Row) -> str:
    if value is None:
        return "none"
    if row["measure"] in ["solved", "unsolved"]:
        return f"{value:.0%}"
    if row["measure"].startswith("evaluations"):
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def reached(row: Row, witness: Row) -> bool:
    found = row["result"]["row"]
    ours = value(row, found)
    if ours is None or found["success_rate"] < row.get("at_least_solved", 0.0):
        return False
    more_is_better = MEASURES[row["measure"]][1]
    most = witness["value"] * witness.get("within", 1.0)
    return ours >= most if more_is_better else ours <= most


def published(row: Row) -> str:
    def cell(witness: Row) -> str:
        text = f"{number(witness['value'], row)} ({witness['by']})"
        if "row" not in row["result"]:
            return text
        text += f": {'reached' if reached(row, witness) else '**MISSED**'}"
        ours = value(row, row["result"]["row"])
        if "within" in witness and ours is not None:
            text += f", {ours / witness['value']:.2f} of it"
        return text

    return "; ".join(cell(witness) for witness in row["published"])


def tally(rows: list[Row]) -> str:
    results = [row["result"] for row in rows]
    measured = [row for row in rows if "row" in row["result"]]
    verdicts = [reached(row, witness) for row in measured for witness in row["published"]]
    parts = [f"{sum(verdicts)} of {len(verdicts)} numbers reached, "
             f"{len(verdicts) - sum(verdicts)} missed"]
    for key, words in [("not_available", "not available"), ("not_run", "not run"),
                       ("broken", "broken")]:
        count = sum(key in result for result in results)
        parts += [f"{count} rows {words}"] if count else []
    return "; ".join(parts)
