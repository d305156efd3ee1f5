#!/usr/bin/env python3
"""Golden episodes: what the published environments do, step by step, kept as an outside witness.

This script steps Gymnasium's own classic-control environments and writes one JSON file per task
beside itself. Nothing of deme's is used here, so a task in deme that follows these episodes agrees
with the environment the literature reports on, and not merely with itself.

    pip install -r tests/it/golden/requirements.txt && python3 tests/it/golden/make.py

Shape of a file (the lists of an episode have one row for each of its steps, start excepted):

    task, environment, source              who made it: deme's name, Gymnasium's id, the versions
    max_episode_steps, reward_threshold    as registered; the episodes below know no time limit
    state_dtype                            what the environment keeps after a reset and after a step
    start                                  min, max and mean of each state dimension over resets
    episodes[].note                        why the episode is here
    episodes[].start                       the state before the first action
    episodes[].start_observation           what it looks like; null where the start was chosen here
    episodes[].actions                     action t: [index] if discrete, else as given, unclipped
    episodes[].states, .observations       after action t
    episodes[].rewards, .terminated        of action t; an episode ends with its first termination

State and units (an observation is the same, or has cos and sin of an angle in the angle's place):

    cartpole             x [m], v [m/s], theta [rad], w [rad/s]; theta is 0 upright
    mountaincar          position, velocity (per step), both without unit; also -continuous
    acrobot              theta1, theta2 [rad], w1, w2 [rad/s]; theta1 is 0 hanging, theta2 relative
    pendulum             theta [rad], w [rad/s]; theta is 0 upright and is never wrapped

Numbers are written so that they read back as the same double. Observations are single precision in
Gymnasium and stand here as the doubles of equal value. Continuous actions are doubles and multiples
of 1/64, hence exact in single precision too; handing doubles to the environment keeps Pendulum in
double precision throughout. MountainCarContinuous rounds its state to single precision after every
step whatever it is given. NumPy's sin and cos may differ in the last place from one processor to
another, so a new run may too, and nothing should be compared with these files bit for bit.

Source: Gymnasium, https://gymnasium.farama.org, MIT licence; gymnasium/envs/classic_control.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from math import cos, copysign, pi
from pathlib import Path
from typing import NamedTuple

import gymnasium
import numpy as np
from gymnasium.envs.classic_control import acrobot

START_SAMPLES = 10_000
FILE_BYTES_MAX = 120_000

Policy = Callable[[np.ndarray, np.random.Generator], float]


@dataclass(frozen=True)
class Episode:
    """One run to record. Without a `start`, it begins where the environment's own reset puts it."""

    note: str
    policy: Policy
    steps: int
    start: tuple[float, ...] | None = None


class Step(NamedTuple):
    """One recorded transition, for the branches to look at."""

    state: list[float]
    action: float
    after: list[float]
    reward: float
    terminated: bool


@dataclass(frozen=True)
class Task:
    """An environment, the episodes to record in it, and the branches they must meet."""

    environment: str
    episodes: list[Episode]
    branches: dict[str, Callable[[Step], bool]]


# Policies -----------------------------------------------------------------------------------------


def always(action: float) -> Policy:
    return lambda state, rng: action


def any_of(count: int) -> Policy:
    """A discrete action, uniformly at random."""
    return lambda state, rng: int(rng.integers(count))


def between(low: float, high: float) -> Policy:
    """A continuous action, uniformly at random among the multiples of 1/64."""
    return lambda state, rng: int(rng.integers(64 * low, 64 * high, endpoint=True)) / 64


def along(dimension: int, negative: float, positive: float) -> Policy:
    """One action or the other by the sign of a velocity: pushing along with it pumps energy in."""
    return lambda state, rng: positive if state[dimension] >= 0 else negative


def balance_pole(state: np.ndarray, rng: np.random.Generator) -> int:
    x, v, theta, w = state
    return int(theta + 0.5 * w + 0.05 * x + 0.1 * v > 0)


def swing_up(state: np.ndarray, rng: np.random.Generator) -> float:
    """Pumps the pendulum to the energy of standing upright, then holds it there."""
    theta, w = state
    tilt = (theta + pi) % (2 * pi) - pi
    if abs(tilt) < 0.5:
        torque = -12 * tilt - 3 * w
    else:
        torque = copysign(2.0, w * (15 * (1 - cos(theta)) - w * w / 2))
    return round(64 * torque) / 64


# Tasks --------------------------------------------------------------------------------------------

CARTPOLE = Task(
    "CartPole-v1",
    [
        Episode("random pushes from the environment's start", any_of(2), 120),
        Episode("a balancing policy: a long run without termination", balance_pole, 200),
        Episode("pushed right without end: the pole falls to the left", always(1), 120),
        Episode("pushed left without end: the pole falls to the right", always(0), 120),
        Episode("chosen start: rolls off the right end", balance_pole, 120, (1.9, 1.5, 0.0, 0.0)),
        Episode("chosen start: rolls off the left end", balance_pole, 120, (-1.9, -1.5, 0.0, 0.0)),
    ],
    {
        "pushed left": lambda s: s.action == 0,
        "pushed right": lambda s: s.action == 1,
        "ends: x < -2.4": lambda s: s.terminated and s.after[0] < -2.4,
        "ends: x > 2.4": lambda s: s.terminated and s.after[0] > 2.4,
        "ends: theta < -12 degrees": lambda s: s.terminated and s.after[2] < -12 * pi / 180,
        "ends: theta > 12 degrees": lambda s: s.terminated and s.after[2] > 12 * pi / 180,
        "last step rewarded 1": lambda s: s.terminated and s.reward == 1,
    },
)

# The wall and the speed limit as each car keeps them: in double, and in single precision.
WALL, WALL_SINGLE = -1.2, float(np.float32(-1.2))
RIGHT_WALL, RIGHT_WALL_SINGLE = 0.6, float(np.float32(0.6))
SPEED, SPEED_SINGLE = 0.07, float(np.float32(0.07))

MOUNTAINCAR = Task(
    "MountainCar-v0",
    [
        Episode("random pushes from the environment's start", any_of(3), 120),
        Episode("pushed along with its velocity: reaches the goal", along(1, 0, 2), 200),
        Episode("chosen start: down the right hill to the wall", always(0), 120, (0.4, -0.069)),
        Episode("chosen start: down the left hill to the goal", always(2), 120, (-1.0, 0.068)),
        Episode("chosen start: beyond the goal, moving left", always(1), 120, (0.59, -0.02)),
        Episode("chosen start: beyond the goal, into the right wall", always(2), 1, (0.56, 0.05)),
    ],
    {
        "pushed left": lambda s: s.action == 0,
        "not pushed": lambda s: s.action == 1,
        "pushed right": lambda s: s.action == 2,
        "speed clipped, moving left": lambda s: s.after[1] == -SPEED,
        "speed clipped, moving right": lambda s: s.after[1] == SPEED,
        "stopped by the left wall": lambda s: s.after == [WALL, 0],
        "kept at the right wall": lambda s: s.after[0] == RIGHT_WALL,
        "beyond the goal, moving left": lambda s: s.after[0] >= 0.5 and not s.terminated,
        "ends at the goal": lambda s: s.terminated,
        "last step rewarded -1": lambda s: s.terminated and s.reward == -1,
    },
)

MOUNTAINCAR_CONTINUOUS = Task(
    "MountainCarContinuous-v0",
    [
        Episode("random forces, some out of bounds", between(-1.5, 1.5), 120),
        Episode("pushed along with its velocity: reaches the goal", along(1, -1.0, 1.0), 200),
        Episode("chosen start: down the right hill to the wall", always(-1.5), 120, (0.4, -0.069)),
        Episode("chosen start: down the left hill to the goal", always(1.5), 120, (-1.0, 0.068)),
        Episode("chosen start: beyond the goal, moving left", always(0.25), 120, (0.59, -0.02)),
        Episode("chosen start: beyond the goal, into the right wall", always(0.5), 1, (0.56, 0.05)),
    ],
    {
        "force within bounds": lambda s: -1 <= s.action <= 1,
        "force clipped to -1": lambda s: s.action < -1,
        "force clipped to 1": lambda s: s.action > 1,
        "clipped force charged as given": lambda s: s.reward == -0.1 * s.action**2 < -0.1,
        "speed clipped, moving left": lambda s: s.after[1] == -SPEED_SINGLE,
        "speed clipped, moving right": lambda s: s.after[1] == SPEED_SINGLE,
        "stopped by the left wall": lambda s: s.after == [WALL_SINGLE, 0],
        "kept at the right wall": lambda s: s.after[0] == RIGHT_WALL_SINGLE,
        "beyond the goal, moving left": lambda s: s.after[0] >= 0.45 and not s.terminated,
        "ends at the goal, rewarded 100": lambda s: s.terminated and s.reward > 99,
        "ends with a clipped force": lambda s: s.terminated and abs(s.action) > 1,
    },
)


def unwrapped(s: Step) -> np.ndarray:
    """Where the acrobot's integrator arrives, before angles are wrapped and speeds are clipped."""
    environment = acrobot.AcrobotEnv()
    augmented = np.append(s.state, environment.AVAIL_TORQUE[int(s.action)])
    return acrobot.rk4(environment._dsdt, augmented, [0, environment.dt])


ACROBOT = Task(
    "Acrobot-v1",
    [
        Episode("random torques from the environment's start", any_of(3), 120),
        Episode("torque along with the second joint: reaches the goal", along(3, 0, 2), 200),
        Episode("torque against the first joint: reaches the goal", along(2, 2, 0), 200),
        Episode("chosen start: a fast spin", any_of(3), 120, (0.0, 2.0, 12.0, 28.0)),
        Episode("chosen start: a fast spin, reversed", any_of(3), 120, (0.0, -2.0, -12.0, -28.0)),
    ],
    {
        "torque -1": lambda s: s.action == 0,
        "no torque": lambda s: s.action == 1,
        "torque 1": lambda s: s.action == 2,
        "theta1 wrapped downwards": lambda s: unwrapped(s)[0] > pi,
        "theta1 wrapped upwards": lambda s: unwrapped(s)[0] < -pi,
        "theta2 wrapped downwards": lambda s: unwrapped(s)[1] > pi,
        "theta2 wrapped upwards": lambda s: unwrapped(s)[1] < -pi,
        "an angle wrapped more than once": lambda s: max(abs(unwrapped(s)[:2])) > 3 * pi,
        "w1 clipped to -4 pi": lambda s: s.after[2] == -4 * pi,
        "w1 clipped to 4 pi": lambda s: s.after[2] == 4 * pi,
        "w2 clipped to -9 pi": lambda s: s.after[3] == -9 * pi,
        "w2 clipped to 9 pi": lambda s: s.after[3] == 9 * pi,
        "ends at the goal, rewarded 0": lambda s: s.terminated and s.reward == 0,
        "elsewhere rewarded -1": lambda s: not s.terminated and s.reward == -1,
    },
)

PENDULUM = Task(
    "Pendulum-v1",
    [
        Episode("swung up and held upright", swing_up, 200),
        Episode("random torques, some out of bounds", between(-3, 3), 120),
        Episode("chosen start: driven round, several turns", always(2.5), 120, (0.0, 7.5)),
        Episode("chosen start: driven round, several turns back", always(-2.5), 120, (0.0, -7.5)),
        Episode("chosen start: far from zero, random torques", between(-2, 2), 60, (40.0, -1.0)),
    ],
    {
        "torque within bounds": lambda s: -2 <= s.action <= 2,
        "torque clipped to -2": lambda s: s.action < -2,
        "torque clipped to 2": lambda s: s.action > 2,
        "speed clipped to -8": lambda s: s.after[1] == -8,
        "speed clipped to 8": lambda s: s.after[1] == 8,
        "angle below -3 turns": lambda s: s.after[0] < -6 * pi,
        "angle above 3 turns": lambda s: s.after[0] > 6 * pi,
        "passes upside down, forwards": lambda s: s.state[0] < pi <= s.after[0],
        "passes upside down, backwards": lambda s: s.state[0] >= -pi > s.after[0],
        "held upright": lambda s: s.reward > -1e-3,
    },
)

TASKS = {
    "cartpole": CARTPOLE,
    "mountaincar": MOUNTAINCAR,
    "mountaincar-continuous": MOUNTAINCAR_CONTINUOUS,
    "acrobot": ACROBOT,
    "pendulum": PENDULUM,
}

# Recording ----------------------------------------------------------------------------------------


def main() -> None:
    for name, task in TASKS.items():
        golden = record(name, task)
        path = Path(__file__).with_name(f"{name}.json")
        path.write_text(render(golden), encoding="utf-8")
        check(path, golden, task)


def record(name: str, task: Task) -> dict:
    # The time limit is a wrapper; without it an episode ends by its own termination alone.
    environment = gymnasium.make(task.environment).unwrapped
    registered = gymnasium.spec(task.environment)
    environment.reset(seed=0)
    reset_dtype = str(np.asarray(environment.state).dtype)
    environment.step(environment.action_space.sample())
    step_dtype = str(np.asarray(environment.state).dtype)
    return {
        "task": name,
        "environment": task.environment,
        "source": f"gymnasium {gymnasium.__version__}, numpy {np.__version__}",
        "max_episode_steps": registered.max_episode_steps,
        "reward_threshold": registered.reward_threshold,
        "state_dtype": {"reset": reset_dtype, "step": step_dtype},
        "start": sample_starts(environment),
        "episodes": [run(environment, seed, e) for seed, e in enumerate(task.episodes)],
    }


def sample_starts(environment: gymnasium.Env) -> dict:
    """Many resets of one seeded stream."""
    starts = []
    for sample in range(START_SAMPLES):
        environment.reset(seed=0 if sample == 0 else None)
        starts.append(np.array(environment.state, dtype=np.float64))
    return {
        "samples": START_SAMPLES,
        "low": floats(np.min(starts, axis=0)),
        "high": floats(np.max(starts, axis=0)),
        "mean": floats(np.mean(starts, axis=0)),
    }


def run(environment: gymnasium.Env, seed: int, episode: Episode) -> dict:
    observation, _ = environment.reset(seed=seed)
    if episode.start is not None:
        environment.state = np.array(episode.start, dtype=np.float64)
        observation = None  # Of the reset, not of the chosen start.
    rng = np.random.default_rng([seed, 1])  # Not the stream the environment draws its start from.
    golden = {
        "note": episode.note,
        "start": floats(environment.state),
        "start_observation": None if observation is None else floats(observation),
        "actions": [],
        "states": [],
        "observations": [],
        "rewards": [],
        "terminated": [],
    }
    is_discrete = isinstance(environment.action_space, gymnasium.spaces.Discrete)
    for _ in range(episode.steps):
        action = episode.policy(environment.state, rng)
        observation, reward, terminated, _, _ = environment.step(
            int(action) if is_discrete else np.array([action], dtype=np.float64)
        )
        golden["actions"].append([float(action)])
        golden["states"].append(floats(environment.state))
        golden["observations"].append(floats(observation))
        golden["rewards"].append(float(reward))
        golden["terminated"].append(terminated)
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


# Checking -----------------------------------------------------------------------------------------


def check(path: Path, golden: dict, task: Task) -> None:
    """Prints how often each branch was met, and fails if one never was."""
    assert json.loads(path.read_text(encoding="utf-8")) == golden, f"{path.name} reads back changed"
    size = path.stat().st_size
    assert size <= FILE_BYTES_MAX, f"{path.name} has {size} bytes, more than {FILE_BYTES_MAX}"
    steps = [step for episode in golden["episodes"] for step in transitions(episode)]
    print(f"{path.name}: {len(task.episodes)} episodes, {len(steps)} steps, {size} bytes")
    for branch, is_met in task.branches.items():
        count = sum(is_met(step) for step in steps)
        print(f"{count:6}  {branch}")
        assert count > 0, f"{path.name}: no step meets the branch '{branch}'"


def transitions(episode: dict) -> list[Step]:
    before = [episode["start"], *episode["states"][:-1]]
    actions = [action for (action,) in episode["actions"]]
    columns = (before, actions, episode["states"], episode["rewards"], episode["terminated"])
    return [Step(*row) for row in zip(*columns, strict=True)]


if __name__ == "__main__":
    main()
