#!/usr/bin/env python3
"""Golden episodes of the maze, whose geometry is another library's.

Nothing of deme's is used here. How far walls are, what a ray meets and whether a robot touches are
asked of GEOS, by shapely, in double precision; bearings are angles by atan2, where the task
compares sides. The map, the sensors and the order of a step are written from the task's page.

    pip install -r tests/it/golden/requirements_maze.txt
    python3 tests/it/golden/make_maze.py

The file has the shape that make.py describes. State: x, y, heading [degrees], turn and speed a
step. Actions are changes of turn and speed, multiples of 1/64, some beyond the limit of 1/2.

Source: Lehman and Stanley, Evolutionary Computation 19(2), 2011, hard map, drawn anew.
"""

import json
import math
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import numpy as np
from shapely import LineString, MultiLineString, Point

WALLS = MultiLineString(
    [
        [(0, 0), (200, 0)],
        [(200, 0), (200, 200)],
        [(200, 200), (0, 200)],
        [(0, 200), (0, 0)],
        [(0, 152), (55, 152)],
        [(55, 152), (55, 50)],
        [(0, 125), (28, 85)],
        [(78, 0), (108, 40)],
        [(55, 100), (160, 45)],
        [(200, 60), (88, 115)],
        [(55, 152), (135, 175)],
    ]
)
START = [30.0, 20.0, 0.0, 0.0, 0.0]
GOAL = Point(30, 180)
RANGE = 100.0
STEPS = 400

Policy = Callable[[np.ndarray, list[float], np.random.Generator], list[float]]


def along(heading: float, far: float) -> np.ndarray:
    turn = math.radians(heading)
    return np.array([far * math.cos(turn), far * math.sin(turn)])


def seen(state: np.ndarray) -> list[float]:
    at, heading = Point(state[:2]), state[2]
    ranges = []
    for angle in (-90, -45, 0, 45, 90, 180):
        ray = LineString([state[:2], state[:2] + along(heading + angle, RANGE)])
        met = ray.intersection(WALLS)
        ranges.append((RANGE if met.is_empty else at.distance(met)) / RANGE)
    bearing = math.degrees(math.atan2(GOAL.y - at.y, GOAL.x - at.x)) - heading
    quarter = int(((bearing + 45) % 360) // 90)
    return ranges + [float(quarter == k) for k in range(4)]


def step(state: np.ndarray, action: list[float]) -> tuple[np.ndarray, float, bool]:
    change = np.clip(action, -0.5, 0.5)
    turn, speed = np.clip(state[3:] + change, -3, 3)
    place = state[:2] + along(state[2], speed)
    if WALLS.distance(Point(place)) < 8:
        place = state[:2]
    heading = (state[2] + turn + 180) % 360 - 180
    reward = Point(state[:2]).distance(GOAL) - Point(place).distance(GOAL)
    return np.array([*place, heading, turn, speed]), reward, Point(place).distance(GOAL) <= 5


def wander(_state: np.ndarray, _seen: list[float], rng: np.random.Generator) -> list[float]:
    return [float(np.round(64 * change) / 64) for change in rng.uniform(-0.75, 0.75, 2)]


def shy(state: np.ndarray, seen: list[float], rng: np.random.Generator) -> list[float]:
    """Drives ahead, and away from the nearer side."""
    wanted = 6 * (seen[3] + seen[4] - seen[0] - seen[1]) + rng.uniform(-1, 1)
    turn = float(np.round(64 * np.clip(wanted - state[3], -0.5, 0.5)) / 64)
    return [turn, 0.5 if seen[2] > 0.15 else -0.5]


def straight(_state: np.ndarray, _seen: list[float], _rng: np.random.Generator) -> list[float]:
    return [0.0, 0.25]


EPISODES: list[tuple[str, list[float], Policy, int]] = [
    ("wandering from the start", START, wander, 70),
    ("shy of walls from the start", START, shy, 110),
    ("wandering between the slanting walls", [130.0, 80.0, 150.0, 1.0, 1.0], wander, 60),
    ("up the dead end into the shelf", [40.0, 100.0, 95.0, 0.0, 1.0], straight, 30),
    ("straight to the goal", [75.0, 184.0, -175.0, 0.0, 1.0], straight, 40),
    ("backwards past the goal", [40.0, 170.0, 20.0, -0.5, -2.0], wander, 30),
]


def episode(number: int, note: str, start: list[float], policy: Policy, steps: int) -> dict:
    rng = np.random.default_rng(number)
    state = np.array(start)
    row = {"note": note, "start": start, "start_observation": seen(state), "actions": []}
    row |= {"states": [], "observations": [], "rewards": [], "terminated": []}
    for _ in range(steps):
        action = policy(state, seen(state), rng)
        state, reward, ends = step(state, action)
        row["actions"].append(action)
        row["states"].append(state.tolist())
        row["observations"].append(seen(state))
        row["rewards"].append(reward)
        row["terminated"].append(ends)
        if ends:
            break
    return row


def main() -> None:
    episodes = [episode(number, *rest) for number, rest in enumerate(EPISODES)]
    assert sum(row["terminated"][-1] for row in episodes) >= 1, "no robot arrives"
    stays = [a[:2] == b[:2] for row in episodes for a, b in zip(row["states"], row["states"][1:])]
    assert any(stays) and not all(stays), "walls stop somebody"
    head = {
        "task": "maze",
        "environment": "the maze, by another library's geometry",
        "source": f"shapely {version('shapely')}, numpy {version('numpy')}",
        "max_episode_steps": STEPS,
        "reward_threshold": None,
        "start": {"samples": 1, "low": START, "high": START, "mean": START},
    }
    rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in episodes)
    words = ",\n".join(f'"{key}":{json.dumps(value)}' for key, value in head.items())
    path = Path(__file__).parent / "maze.json"
    path.write_text(f'{{{words},\n"episodes":[\n{rows}\n]}}\n')


if __name__ == "__main__":
    main()
