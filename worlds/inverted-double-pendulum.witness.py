"""Records single steps of Gymnasium's InvertedDoublePendulum-v5 for the world of the same name.

Needs: pip install "gymnasium[mujoco]". Writes inverted-double-pendulum.witness.csv.
State: [x, lower angle, upper angle, their three rates, height of the tip].
"""

import csv

import gymnasium as gym
import numpy as np

ROWS = 400


def numbers(data):
    """Returns the world's state: positions, rates, and the height of the tip as MuJoCo saw it."""
    return [*data.qpos, *data.qvel, data.site_xpos[0][2]]


def push(env, number, rng):
    """Returns an action: random ones, long pushes to an end, and a rough balancing controller."""
    x, lower, upper, v, lower_rate, upper_rate = [*env.data.qpos, *env.data.qvel]
    if number % 4 == 0:
        return rng.uniform(-1.0, 1.0)
    if number % 4 == 1:
        return rng.choice([-1.0, 0.0, 1.0])
    gains = [0.6, -7.0, -12.0, 0.8, -2.0, -1.8]
    feedback = -np.dot(gains, [x, lower, upper, v, lower_rate, upper_rate])
    return np.clip(feedback + 0.3 * rng.standard_normal(), -1.0, 1.0)


def main():
    env = gym.make("InvertedDoublePendulum-v5").unwrapped
    rng = np.random.default_rng(7)
    rows = []
    number = 0
    done = True
    steps = 0
    while len(rows) < ROWS:
        if done or steps == 25:
            number += 1
            steps = 0
            env.reset(seed=number)
            if number % 3 == 0:
                # A start near an end of the rail, with speed towards it.
                side = rng.choice([-1.0, 1.0])
                position = env.data.qpos + [side * rng.uniform(0.7, 1.0), 0.0, 0.0]
                speed = env.data.qvel + [side * rng.uniform(0.0, 4.0), 0.0, 0.0]
                env.set_state(position, speed)
        state = numbers(env.data)
        action = push(env, number, rng)
        _, reward, done, _, _ = env.step(np.array([action]))
        steps += 1
        rows.append([*state, action, *numbers(env.data), reward, int(done)])
    with open("inverted-double-pendulum.witness.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            [f"state_{i}" for i in range(7)] + ["action_0"]
            + [f"next_{i}" for i in range(7)] + ["reward", "done"]
        )
        for row in rows:
            writer.writerow([repr(float(number)) for number in row[:-1]] + [row[-1]])


if __name__ == "__main__":
    main()
