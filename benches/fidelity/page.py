"""The page that compares deme's results with published ones, as Markdown."""

from typing import Any

Row = dict[str, Any]

# The name of each measure, and whether a larger value is better.
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
        "# Fidelity: deme's results and published results",
        "",
        "This page is written by `benches/fidelity/run.sh`; do not edit it. The file "
        "`benches/fidelity/rows.toml` says what is measured and where the published numbers come "
        "from. A published number comes from other people's code on another machine, and some are "
        "quoted second-hand. Read it as a reference point, not as a target.",
        "",
        f"- **Result.** {tally(rows)}.",
        *measured(rows),
        "- **Method.** Every row shows its command; the seeds are 1, 2, 3, ... All trials count: a "
        "trial that does not reach the task's threshold within its budget is not solved. "
        "Evaluations are those of training: one per episode of an individual, or one per "
        "individual on a data set or a function. If some seeds are not solved, the mean is the "
        "expected running time (ERT): the evaluations of all trials divided by the number of "
        "solved trials. A score is the mean over held-out episodes, or the accuracy on held-out "
        "samples, of the network that a run hands over.",
    ]
    for section in sections:
        lines += ["", f"## {section['title']}", "", section["text"].strip(), ""]
        lines += ["| task and strategy | measure | deme | quartiles | solved | published "
                  "| command |"]
        lines += ["|---|---|---|---|---|---|---|"]
        lines += [line(row) for row in section["row"]]
        notes = [note for row in section["row"] for note in row["result"].get("notes", [])
                 if "--until" not in note]
        lines += ["", *[f"- {note}" for note in dict.fromkeys(notes)]] if notes else []
    return "\n".join(lines) + "\n"


def measured(rows: list[Row]) -> list[str]:
    """The number of rows and the seconds for each version, machine and date."""
    sources: dict[str, list[float]] = {}
    for result in (row["result"] for row in rows if "row" in row["result"]):
        source = f"{result['version']}, on {result['date']}; {machine(result['machine'])}"
        sources.setdefault(source, []).append(result["seconds"])
    return [f"- **Measured.** {len(seconds)} {'row' if len(seconds) == 1 else 'rows'} in "
            f"{sum(seconds):,.0f} s: {source}." for source, seconds in sources.items()]


def machine(about: Row) -> str:
    memory = about["memory_bytes"]
    memory = f", {memory / 2**30:.0f} GiB" if memory else ""
    return (f"{about['cpu'] or 'unknown processor'} ({about['architecture']}, {about['vectors']}), "
            f"{about['threads']} threads{memory}, {about['os']}")


def line(row: Row) -> str:
    """The table row of one comparison."""
    result = row["result"]
    name = MEASURES[row["measure"]][0]
    ours, spread, solved = "–", "", ""
    if "row" in result:
        found = result["row"]
        ours, spread = f"**{number(value(row, found), row)}**", quartiles(row, found)
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
        ours = f"**FAILED**: {result['broken']}"
    cells = [row["what"], name, ours, spread, solved, published(row), f"`{result['command']}`"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def value(row: Row, found: Row) -> float | None:
    """deme's number, or None if no trial has one."""
    match row["measure"]:
        case "solved":
            return found["success_rate"]
        case "unsolved":
            return 1.0 - found["success_rate"]
        case "evaluations":
            return found["expected_evaluations"]
        case other:
            return found[other]


def quartiles(row: Row, found: Row) -> str:
    """The lower and the upper quartile of the measure."""
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


def reached(row: Row, reference: Row) -> bool:
    """True if deme's number is at least as good as a published one."""
    found = row["result"]["row"]
    ours = value(row, found)
    if ours is None or found["success_rate"] < row.get("at_least_solved", 0.0):
        return False
    larger_is_better = MEASURES[row["measure"]][1]
    bound = reference["value"] * reference.get("within", 1.0)
    return ours >= bound if larger_is_better else ours <= bound


def published(row: Row) -> str:
    """The published numbers of a row, each with its source and the outcome of the comparison."""
    def cell(reference: Row) -> str:
        text = f"{number(reference['value'], row)} ({reference['by']})"
        if "row" not in row["result"]:
            return text
        text += f": {'reached' if reached(row, reference) else '**MISSED**'}"
        ours = value(row, row["result"]["row"])
        if "within" in reference and ours is not None:
            text += f", ratio {ours / reference['value']:.2f}"
        return text

    return "; ".join(cell(reference) for reference in row["published"])


def tally(rows: list[Row]) -> str:
    """The numbers of comparisons that were reached, missed and not made."""
    results = [row["result"] for row in rows]
    measured = [row for row in rows if "row" in row["result"]]
    outcomes = [reached(row, reference) for row in measured for reference in row["published"]]
    parts = [f"{sum(outcomes)} of {len(outcomes)} numbers reached, "
             f"{len(outcomes) - sum(outcomes)} missed"]
    for key, words in [("not_available", "not available"), ("not_run", "not run"),
                       ("broken", "failed")]:
        count = sum(key in result for result in results)
        parts += [f"{count} rows {words}"] if count else []
    return "; ".join(parts)
