"""Records single steps and observations of EvoJAX 0.2.17's WaterWorld.

Writes water-world.witness.csv and, because a step's row has no observation,
water-world.observations.csv. Needs jax, flax and pillow, and the source of evojax.
Usage: python water-world_witness.py FOLDER_OF_EVOJAX
"""

import csv
import importlib.util
import pathlib
import sys
import types

import jax
import jax.numpy as jnp
import numpy as np
from flax.struct import dataclass

STATE, FIRST, ITEMS = 255, 5, 50


def import_original(folder):
    """Imports the task's file alone, with a stand-in for the classes that it derives from."""
    @dataclass
    class TaskState:
        obs: jnp.ndarray

    for name in ("evojax", "evojax.task", "evojax.task.base"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["evojax.task.base"].TaskState = TaskState
    sys.modules["evojax.task.base"].VectorizedTask = object
    path = pathlib.Path(folder, "evojax", "task", "waterworld.py")
    spec = importlib.util.spec_from_file_location("waterworld", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def load(original, rows, hidden, keys):
    """Returns the original's state with the numbers of rows; eaten items have hidden kinds."""
    rows = np.asarray(rows, np.float32)
    count = len(rows)
    items = rows[:, FIRST:].reshape(count, ITEMS, 5)
    kind = np.where(items[:, :, 4] == 0, hidden, items[:, :, 4])
    whole = np.zeros((count, 1), np.int32)
    agent = original.BubbleStatus(
        pos_x=jnp.array(rows[:, 0:1]), pos_y=jnp.array(rows[:, 1:2]),
        vel_x=jnp.array(rows[:, 2:3]), vel_y=jnp.array(rows[:, 3:4]),
        bubble_type=jnp.array(whole + original.TYPE_AGENT), valid=jnp.array(whole + 1),
        poison_cnt=jnp.array(whole))
    others = original.BubbleStatus(
        pos_x=jnp.array(items[:, :, 0]), pos_y=jnp.array(items[:, :, 1]),
        vel_x=jnp.array(items[:, :, 2]), vel_y=jnp.array(items[:, :, 3]),
        bubble_type=jnp.array(np.where(kind > 0, original.TYPE_FOOD, original.TYPE_POISON)),
        valid=jnp.array((items[:, :, 4] != 0).astype(np.int32)),
        poison_cnt=jnp.zeros((count, ITEMS), jnp.int32))
    return original.State(agent_state=agent, item_state=others, obs=jnp.zeros((count, 152)),
                          steps=jnp.zeros(count, jnp.int32), key=keys)


def read(state, scores):
    """Returns the numbers of the original's state."""
    agent, items = state.agent_state, state.item_state
    rows = np.zeros((len(scores), STATE), np.float32)
    for k, part in enumerate((agent.pos_x, agent.pos_y, agent.vel_x, agent.vel_y)):
        rows[:, k] = np.asarray(part).reshape(-1)
    rows[:, 4] = scores
    kind = np.where(np.asarray(items.bubble_type) == 2, 1, -1) * np.asarray(items.valid)
    parts = [np.asarray(part) for part in
             (items.pos_x, items.pos_y, items.vel_x, items.vel_y, kind)]
    rows[:, FIRST:] = np.stack(parts, 2).reshape(len(scores), -1)
    return rows


def made_up(rng, trial):
    """Returns a state of few digits: most items were eaten, the others lie where it matters."""
    place = rng.integers(60, 541, 2).astype(float)
    speed = rng.integers(-12, 13, 2) / 2.0
    wall = trial % 8
    if wall < 4:
        place[wall % 2] = 1.5 if wall < 2 else 598.5
        speed[wall % 2] = -4.0 if wall < 2 else 4.0
    row = [*place, *speed, float(rng.integers(-3, 9))]
    for item in range(ITEMS):
        x, y, vx, vy, kind = 300.0, 300.0, 0.0, 0.0, 0.0
        use = item % 7
        if use in (0, 1):
            # Near the swimmer: some are eaten, and some that were eaten are met again.
            reach = 24 if use == 0 and item < 15 else 110
            x, y = place + rng.integers(-reach, reach + 1, 2)
            vx, vy = rng.integers(-10, 11, 2) / 4.0
            kind = float(rng.choice([1, -1, 1, -1, 0]))
        elif use == 2:
            # At a wall or in a corner.
            x, y = rng.choice([2.0, 90.0, 333.5, 597.5, 598.0], 2)
            vx, vy = rng.integers(-10, 11, 2) / 4.0
            kind = float(rng.choice([1, -1]))
        row += [min(max(x, 1.0), 599.0), min(max(y, 1.0), 599.0), vx, vy, kind]
    return row


def write(name, header, rows):
    """Writes a CSV file, with numbers as short as single precision allows."""
    path = pathlib.Path(__file__).with_name(name)
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            numbers = [str(np.float32(x)) for x in row]
            numbers = [x.removesuffix(".0") for x in numbers]
            writer.writerow(["0" if x == "-0" else x for x in numbers])
    print(name, len(rows), "rows,", path.stat().st_size, "bytes")


def main():
    """Collects states of play and made-up states, and steps the original from them."""
    original = import_original(sys.argv[1])
    task = original.WaterWorld(max_steps=500)
    rng = np.random.default_rng(8)
    # The original's own draw of a direction, from the same key.
    choose = jax.jit(jax.vmap(lambda key, shares: jax.random.choice(
        jax.random.split(key)[1], 4, (), replace=False, p=shares)))
    softmax = jax.jit(jax.nn.softmax)

    # States of play, from swimmers that push the same way for a while.
    count = 16
    states = task.reset(jax.random.split(jax.random.PRNGKey(5), count))
    scores = np.zeros(count, np.float32)
    played = []
    for time in range(240):
        if time % 12 == 0:
            shares = np.full((count, 4), 0.04, np.float32)
            shares[np.arange(count), rng.integers(0, 4, count)] = 0.88
        if time % 15 == 3:
            row = rng.integers(count)
            hidden = np.where(np.asarray(states.item_state.bubble_type)[row] == 2, 1, -1)
            played.append((read(states, scores)[row], hidden))
        states, reward, _ = task.step(states, jnp.array(shares))
        scores += np.asarray(reward)
    rows = [row for row, _ in played] + [made_up(rng, trial) for trial in range(110)]
    hidden = np.stack([kinds for _, kinds in played] + [rng.choice([1, -1], ITEMS)] * 110)
    rows = np.asarray(rows, np.float32)

    actions = np.round(rng.normal(size=(len(rows), 4)), 2).astype(np.float32)
    keys = jax.random.split(jax.random.PRNGKey(6), len(rows))
    before = load(original, rows, hidden, keys)
    shares = np.asarray(softmax(jnp.array(actions)))
    chosen = np.asarray(choose(keys, jnp.array(shares)))
    after, reward, _ = task.step(before, jnp.array(shares))
    reward = np.asarray(reward)
    # A uniform that falls into the share of the direction that the original drew.
    index = np.arange(len(rows))
    start = (np.cumsum(shares, 1) - shares)[index, chosen]
    draws = np.round(start + shares[index, chosen] * rng.uniform(0.2, 0.8, len(rows)), 3)
    inside = (draws > start + 1e-4) & (draws < start + shares[index, chosen] - 1e-4)
    distance = np.asarray(jnp.hypot(after.agent_state.pos_x - after.item_state.pos_x,
                                    after.agent_state.pos_y - after.item_state.pos_y))
    kept = inside & (np.abs(distance - 20.0).min(1) > 1e-3)
    table = np.concatenate([rows, actions, draws[:, None], read(after, rows[:, 4] + reward),
                            reward[:, None], np.zeros((len(rows), 1))], 1)[kept]
    names = [f"state_{i}" for i in range(STATE)] + [f"action_{i}" for i in range(4)] + ["draw_0"]
    names += [f"next_{i}" for i in range(STATE)] + ["reward", "done"]
    write("water-world.witness.csv", names, table)
    print("rewards", dict(zip(*np.unique(table[:, -2], return_counts=True))),
          "directions", np.bincount(chosen[kept]))

    # Observations, of states for which a tiny change matters little.
    seen = np.asarray(after.obs)
    rows = read(after, rows[:, 4] + reward)
    stable = np.ones(len(rows), bool)
    walls = jnp.array([[0, 0, 0, 600], [0, 600, 600, 600], [600, 600, 600, 0], [600, 0, 0, 0]])
    observe = jax.jit(jax.vmap(lambda agent, items: original.get_obs(agent, items, walls)))
    for _ in range(6):
        moved = rows.copy()
        moved[:, FIRST::5] += 2e-3 * rng.standard_normal((len(rows), ITEMS))
        moved[:, 0:2] += 2e-3 * rng.standard_normal((len(rows), 2))
        state = load(original, moved, hidden, keys)
        other = np.asarray(observe(state.agent_state, state.item_state))
        stable &= np.abs(other - seen)[:, :150].max(1) < 2e-3
    chosen = np.flatnonzero(stable)[-60:]
    table = np.concatenate([rows, seen], 1)[chosen]
    names = [f"state_{i}" for i in range(STATE)] + [f"observation_{i}" for i in range(152)]
    write("water-world.observations.csv", names, table)
    rays = seen[chosen][:, :150].reshape(-1, 30, 5)
    away = (rays[:, :, :3] == 1).all(2)
    print("rays that meet a wall, food, poison, nothing; and a hidden item:",
          [int((rays[:, :, k] < 1).sum()) for k in range(3)], int(away.sum()),
          int((away & (rays[:, :, 3:] != 0).any(2)).sum()))


main()
