#!/usr/bin/env python3
"""Golden episodes of the tasks that Gymnasium does not have: swing-up, and pole balancing.

Nothing of deme's is used here. Swing-up is stepped by EvoJAX's own functions, in double precision.
No package of Wieland's pole balancing is published, so its equations are not transcribed but
derived again: the cart and its poles are uniform rods whose equations of motion, force by force,
are solved as a linear system at every instant, where the published ones have been solved by hand.
What the tasks add to the physics (what is seen, rewards, starts) is written from the papers.

    pip install --no-deps -r tests/it/golden/requirements_carts.txt
    python3 tests/it/golden/make_carts.py

The files have the shape that make.py describes. Two things are added: `start.deviation`, where
starts are normal and have no bounds; and `double-pole-hidden.json` has only cart and poles in its
states, not the window of the last hundred steps, whose effect stands in the rewards.

State and units: x [m], v [m/s], then angle [rad] and w [rad/s] of each pole; 0 is upright.
`double-pole-starts` has the steps taken so far behind them. Actions are forces in N, multiples of
1/64, some beyond the limit of 10.

Source: EvoJAX 0.2.17, Apache-2.0, evojax/task/cartpole.py. Wieland, Evolving neural network
controllers for unstable systems, 1991; Gomez, Schmidhuber and Miikkulainen, JMLR 9, 2008; Gruau,
Whitley and Pyeatt 1996.
"""

import itertools
import json
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import jax
import numpy as np

jax.config.update("jax_enable_x64", True)

from evojax.task import cartpole as swing  # noqa: E402

START_SAMPLES = 10_000
FILE_BYTES_MAX = 120_000

Policy = Callable[[np.ndarray, np.random.Generator], float]


def force(newtons: float) -> float:
    return float(np.round(64 * newtons) / 64)


def between(low: float, high: float) -> Policy:
    return lambda state, rng: force(rng.uniform(low, high))


def always(newtons: float) -> Policy:
    return lambda state, rng: newtons


# Swing-up -----------------------------------------------------------------------------------------


def swing_step(state: np.ndarray, action: float) -> tuple[np.ndarray, float, bool]:
    after = swing.update_state(np.array([action / 10.0]), state)
    return np.asarray(after), float(swing.get_reward(after)), bool(swing.out_of_screen(after))


def pump(state: np.ndarray, rng: np.random.Generator) -> float:
    """Pumps energy in below, and leans against the fall above."""
    x, v, angle, w = state
    tilt = (angle + np.pi) % (2 * np.pi) - np.pi
    if abs(tilt) < 0.4:
        return force(np.clip(-60 * tilt - 12 * w + x + 2 * v, -10, 10))
    return force(np.clip(8 * np.sign(w * np.cos(angle)) - 2 * x, -10, 10))


def swing_task(name: str, start, episodes: list, is_normal: bool) -> dict:
    keys = jax.random.split(jax.random.PRNGKey(0), START_SAMPLES)
    starts = np.asarray(jax.vmap(start)(keys))
    rows = [
        (note, np.asarray(start(jax.random.PRNGKey(seed))) if at is None else np.array(at), *rest)
        for seed, (note, at, *rest) in enumerate(episodes)
    ]
    return {
        "task": name,
        "environment": "CartPoleSwingUp" + ("" if is_normal else ", harder"),
        "source": f"evojax {version('evojax')}, jax {jax.__version__}",
        "max_episode_steps": 1000,
        "reward_threshold": None,
        "start": statistics(starts, is_normal),
        "episodes": [run(*row, swing_step, lambda s: np.asarray(swing.get_obs(s))) for row in rows],
    }


SWING_EPISODES = [
    ("random forces, some out of bounds", None, between(-13, 13), 150),
    ("energy pumped in", None, pump, 250),
    ("chosen start: close to upright", (0.1, 0.0, 0.05, 0.0), pump, 60),
    ("chosen start: off the right end", (2.2, 3.0, 3.0, 8.0), always(11.0), 60),
    ("chosen start: off the left end", (-2.2, -3.0, 9.0, -8.0), always(-11.0), 60),
]

# Poles --------------------------------------------------------------------------------------------

GRAVITY, CART_MASS, CART_FRICTION, HINGE_FRICTION = 9.8, 1.0, 0.0005, 0.000002
LONG, SHORT = (0.1, 1.0), (0.01, 0.1)  # kg, m: whole lengths
SUBSTEP = 0.01  # s


def rates(poles: list[tuple[float, float]], state: np.ndarray, push: float) -> np.ndarray:
    """Accelerations of cart and hinges, from the balance of forces and of torques.

    A uniform rod of mass m and length L has its centre L/2 above the hinge, and the moment of
    inertia m L^2 / 3 about it.
    """
    count = len(poles)
    inertia = np.zeros((1 + count, 1 + count))
    loads = np.zeros(1 + count)
    inertia[0, 0] = CART_MASS + sum(mass for mass, _ in poles)
    loads[0] = push - CART_FRICTION * np.sign(state[1])
    for p, (mass, length) in enumerate(poles, start=1):
        angle, w = state[2 * p], state[2 * p + 1]
        arm = mass * length / 2
        inertia[0, p] = inertia[p, 0] = arm * np.cos(angle)
        inertia[p, p] = mass * length**2 / 3
        loads[0] += arm * w * w * np.sin(angle)
        loads[p] = arm * GRAVITY * np.sin(angle) - HINGE_FRICTION * w
    accelerations = np.linalg.solve(inertia, loads)
    found = np.empty_like(state)
    found[0::2], found[1::2] = state[1::2], accelerations
    return found


def pole_step(poles: list, state: np.ndarray, action: float) -> np.ndarray:
    push = min(max(action, -10.0), 10.0)
    for _ in range(2):
        k1 = rates(poles, state, push)
        k2 = rates(poles, state + SUBSTEP / 2 * k1, push)
        k3 = rates(poles, state + SUBSTEP / 2 * k2, push)
        k4 = rates(poles, state + SUBSTEP * k3, push)
        state = state + SUBSTEP / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return state


def regulator(poles: list) -> np.ndarray:
    """Gains that balance the poles: the discrete Riccati equation of small deviations, iterated."""
    # Large enough that the track's friction, which jumps at rest, does not count.
    size, nudge = 2 + 2 * len(poles), 1e-2
    rest, rows = np.zeros(size), nudge * np.eye(size)
    columns = [pole_step(poles, row, 0.0) - pole_step(poles, -row, 0.0) for row in rows]
    a = np.array(columns).T / (2 * nudge)
    b = (pole_step(poles, rest, 1.0) - pole_step(poles, rest, -1.0)) / 2
    value = np.eye(size)
    for _ in range(20_000):
        gains = (b @ value @ a) / (0.01 + b @ value @ b)
        value = np.eye(size) + a.T @ value @ (a - np.outer(b, gains))
    return gains


def fallen(state: np.ndarray, degrees: float, numbers: int) -> bool:
    limit = degrees * np.pi / 180
    return bool(abs(state[0]) > 2.4 or any(abs(state[2:numbers:2]) > limit))


SCALES = np.array([4.8, 2, 0.52, 2, 0.52, 2])


def pole_task(name: str, limit: int, step, starts: np.ndarray, rows: list, see) -> dict:
    return {
        "task": name,
        "environment": "Wieland's poles, derived again",
        "source": f"numpy {np.__version__}",
        "max_episode_steps": limit,
        "reward_threshold": None,
        "start": statistics(starts, False),
        "episodes": [run(note, np.array(at), *rest, step(), see) for note, at, *rest in rows],
    }


def standing(poles: list, degrees: float):
    """One for every step after which the poles stand."""

    def step(state: np.ndarray, action: float) -> tuple[np.ndarray, float, bool]:
        after = pole_step(poles, state, action)
        down = fallen(after, degrees, len(state))
        return after, 0.0 if down else 1.0, down

    return lambda: step


def damped():
    """What every step adds to the published fitness, computed from the whole history."""
    history, last = [], 0.0

    def step(state: np.ndarray, action: float) -> tuple[np.ndarray, float, bool]:
        nonlocal last
        after = pole_step([LONG, SHORT], state, action)
        if fallen(after, 36, 6):
            return after, 0.0, True
        history.append(float(np.abs(after[:4]).sum()))
        t = len(history)
        fitness = 0.1 * t / 1000 + (0.9 * 0.75 / sum(history[-100:]) if t >= 100 else 0.0)
        gained, last = fitness - last, fitness
        return after, gained, False

    return step


def counted():
    """One for the thousandth step."""

    def step(state: np.ndarray, action: float) -> tuple[np.ndarray, float, bool]:
        after = np.append(pole_step([LONG, SHORT], state[:6], action), state[6] + 1)
        down = fallen(after, 36, 6)
        return after, 1.0 if after[6] == 1000 and not down else 0.0, down

    return step


def all_starts() -> np.ndarray:
    levels = 2 * np.array([0.05, 0.25, 0.5, 0.75, 0.95]) - 1
    grid = [2.16 * levels, 1.35 * levels, 0.06283152 * levels, 0.15009752 * levels]
    return np.array([[*numbers, 0, 0, 0] for numbers in itertools.product(*grid)])


def balance(gains: np.ndarray, noise: float = 0.0) -> Policy:
    def act(state: np.ndarray, rng: np.random.Generator) -> float:
        return force(np.clip(-gains @ state[: len(gains)], -12, 12) + rng.uniform(-noise, noise))

    return act


def pole_tasks() -> dict[str, dict]:
    four = 4 * np.pi / 180
    one, two = balance(regulator([LONG])), balance(regulator([LONG, SHORT]))
    noisy, wild = (balance(regulator([LONG, SHORT]), noise) for noise in (0.5, 9.0))
    start = [0.0, 0.0, four, 0.0, 0.0, 0.0]
    single = [
        ("balanced from the published start", start[:4], one, 120),
        ("random forces, some out of bounds", start[:4], between(-13, 13), 60),
        ("pushed right: falls to the left", start[:4], always(10.0), 60),
        ("pushed left: falls to the right", start[:4], always(-10.0), 60),
        ("rolls off the right end", [2.3, 1.5, 0.0, 0.0], one, 60),
        ("rolls off the left end", [-2.3, -1.5, 0.0, 0.0], one, 60),
    ]
    double = [
        ("balanced from the published start", start, two, 120),
        ("a wild hand, some forces out of bounds", start, wild, 90),
        ("the long pole falls", [0.0, 0.0, 0.6, 0.5, 0.1, 0.0], two, 40),
        ("rolls off the right end", [2.2, 1.5, 0.0, 0.0, 0.0, 0.0], two, 60),
        ("rolls off the left end", [-2.2, -1.5, 0.0, 0.0, 0.0, 0.0], two, 60),
    ]
    hidden = [
        ("balanced: more steps than the window holds", start, two, 180),
        ("balanced by an unsteady hand, which jiggles", start, noisy, 130),
        ("a wild hand, some forces out of bounds", start, wild, 90),
        ("rolls off the right end", [2.2, 1.5, 0.0, 0.0, 0.0, 0.0], two, 60),
    ]
    grid = all_starts()
    numbered = [
        ("start 0", grid[0], two, 60),
        ("start 624", grid[624], two, 60),
        ("start 317, random forces", grid[317], between(-13, 13), 60),
        ("the last steps of a thousand", [0.1, 0.0, 0.02, 0.0, 0.0, 0.0, 990.0], two, 15),
        ("falls at the last step", [2.39, 0.9, 0.02, 0.0, 0.0, 0.0, 999.0], two, 1),
    ]
    unseen = lambda state: (state[:6] / SCALES)[[0, 2, 4]]  # noqa: E731
    seen = lambda state: state / SCALES[: len(state)]  # noqa: E731
    at = np.array([start])
    single_step, double_step = standing([LONG], 12), standing([LONG, SHORT], 36)
    rows = {
        "single-pole": (100_000, single_step, at[:, :4], single, seen),
        "double-pole": (100_000, double_step, at, double, seen),
        "double-pole-long": (100_000, double_step, at, double[:3], unseen),
        "double-pole-hidden": (1000, damped, at, hidden, unseen),
        "double-pole-starts": (1000, counted, grid, numbered, unseen),
    }
    return {name: pole_task(name, *row) for name, row in rows.items()}


# Recording ----------------------------------------------------------------------------------------


def statistics(starts: np.ndarray, is_normal: bool) -> dict:
    found = {
        "samples": len(starts),
        "low": floats(starts.min(axis=0)),
        "high": floats(starts.max(axis=0)),
        "mean": floats(starts.mean(axis=0)),
    }
    return found | ({"deviation": floats(starts.std(axis=0))} if is_normal else {})


def run(note: str, state: np.ndarray, policy: Policy, steps: int, step, see) -> dict:
    rng = np.random.default_rng([len(note), steps])
    golden = {
        "note": note,
        "start": floats(state),
        "start_observation": floats(see(state)),
        "actions": [],
        "states": [],
        "observations": [],
        "rewards": [],
        "terminated": [],
    }
    for _ in range(steps):
        action = policy(state, rng)
        state, reward, terminated = step(state, action)
        golden["actions"].append([float(action)])
        golden["states"].append(floats(state))
        golden["observations"].append(floats(see(state)))
        golden["rewards"].append(float(reward))
        golden["terminated"].append(bool(terminated))
        if terminated:
            break
    return golden


def floats(values) -> list[float]:
    return [float(value) for value in values]


def render(golden: dict) -> str:
    """JSON with a line for every field and for every episode, so that a difference is readable."""

    def compact(value) -> str:
        return json.dumps(value, separators=(",", ":"), allow_nan=False)

    fields = [f'"{key}":{compact(value)}' for key, value in golden.items() if key != "episodes"]
    episodes = ",\n".join(compact(episode) for episode in golden["episodes"])
    return "{" + ",\n".join(fields) + ',\n"episodes":[\n' + episodes + "\n]}\n"


def check(name: str, golden: dict) -> None:
    """Fails where an episode does not show what it is there for."""
    steps = [len(episode["states"]) for episode in golden["episodes"]]
    ends = [episode["terminated"][-1] for episode in golden["episodes"]]
    print(f"{name}: steps {steps}, ends {ends}")
    limited = max(abs(action) for e in golden["episodes"] for (action,) in e["actions"])
    assert limited > 10, f"{name}: no force out of bounds"
    assert any(ends) and not all(ends), f"{name}: episodes must end, and must go on"
    if name == "double-pole-hidden":
        assert max(steps) > 150, "the window must fill"
        assert sum(golden["episodes"][0]["rewards"]) > 0.1 * 180 / 1000 + 0.01, "calm must pay"
    if name == "double-pole-starts":
        assert sum(sum(episode["rewards"]) for episode in golden["episodes"]) == 1


def main() -> None:
    tasks = pole_tasks()
    easy, hard = swing.get_init_state_easy, swing.get_init_state_hard
    tasks["swingup"] = swing_task("swingup", easy, SWING_EPISODES, True)
    tasks["swingup-hard"] = swing_task("swingup-hard", hard, SWING_EPISODES, False)
    for name, golden in tasks.items():
        check(name, golden)
        text = render(golden)
        assert len(text) <= FILE_BYTES_MAX, f"{name} has {len(text)} bytes"
        Path(__file__).with_name(f"{name}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
