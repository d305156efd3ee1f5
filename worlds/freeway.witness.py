"""Records single steps of MinAtar's Freeway for the world of the same name.

Needs: pip install minatar. Writes freeway.witness.csv. The package is a black box here: only its
public functions are called, and all numbers come from observations, rewards and ends. The steps
that a car rests are counted since its last observed move, those of the chicken since it could move.

State: [row of the chicken, steps until it may move, last action], then for each lane [column of
the car, velocity, steps until it moves].
"""

import csv
import logging

import numpy as np

logging.disable(logging.WARNING)
from minatar import Environment  # noqa: E402

EPISODES = 40
ROWS_OF_A_KIND = 16
CHOICES = [0, 2, 4]  # the package's numbers of stay, up and down
STICKY = 0.1


def observed(env):
    """Returns the row of the chicken, and the column and the velocity of each car."""
    cells = np.array(env.state())
    rows, columns = np.nonzero(cells[:, :, 0])
    assert columns.tolist() == [4]
    cars = []
    for row in range(1, 9):
        (column,) = np.nonzero(cells[row, :, 1])[0]
        (behind,), (speed,) = np.nonzero(cells[row, :, 2:])
        sign = 1 if (behind + 1) % 10 == column else -1
        assert (behind + sign) % 10 == column
        cars.append((int(column), int(sign * (speed + 1))))
    return int(rows[0]), cars


def first_state(env):
    """Returns the state after a reset."""
    row, cars = observed(env)
    return [row, 3, 0, *[number for x, v in cars for number in (x, v, abs(v))]]


def next_state(state, choice, arrived, env):
    """Returns the state after a step."""
    row, cars = observed(env)
    wait = 3 if state[1] == 0 and choice > 0 else state[1]
    then = [row, max(wait - 1, 0), choice]
    for lane, (column, velocity) in enumerate(cars):
        before, _, rest = state[3 + 3 * lane : 6 + 3 * lane]
        if arrived:
            rest = abs(velocity)
        then += [column, velocity, abs(velocity) if column != before else rest - 1]
    assert min(then[5::3]) >= 0
    return then


def draws(choice_draw, then, arrived, rng):
    """Returns uniforms that make the world do what the package did."""
    numbers = [choice_draw]
    for velocity in then[4::3]:
        number = velocity - 1 if velocity > 0 else 4 - velocity
        inside = 0.1 + 0.8 * rng.random()
        numbers.append(float(np.float32((number + inside) / 10 if arrived else rng.random())))
    return numbers


def kind(state, choice, then, reward):
    """Returns what happened in a step, to record a few steps of every kind."""
    moved = state[1] == 0, choice
    hit = then[0] == 9 and state[0] < 9 and not reward
    lane = min(max(state[0], 1), 8)
    drove = then[3 * lane] != state[3 * lane]
    return moved, hit, bool(reward), state[0] if hit else drove


def main():
    rng = np.random.default_rng(5)
    rows, kinds = [], {}
    for number in range(EPISODES):
        env = Environment("freeway", sticky_action_prob=0.0)
        env.seed(number)
        env.reset()
        state = first_state(env)
        chances = [[0.1, 0.85, 0.05], [0.3, 0.4, 0.3], [0.5, 0.3, 0.2]][number % 3]
        for _ in range(2500):
            choice = int(rng.choice(3, p=chances))
            draw = float(np.float32(rng.random()))
            # The package itself repeats the last action, in the steps that the draw says.
            env.sticky_action_prob = 1.0 if draw < STICKY else 0.0
            reward, done = env.act(CHOICES[choice])
            assert not done
            played = state[2] if draw < STICKY else choice
            then = next_state(state, played, bool(reward), env)
            this = kind(state, played, then, reward)
            kinds[this] = kinds.get(this, 0) + 1
            if kinds[this] <= ROWS_OF_A_KIND:
                numbers = draws(draw, then, bool(reward), rng)
                rows.append([*state, choice, *numbers, *then, float(reward), 0])
            state = then
    with open("freeway.witness.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            [f"state_{i}" for i in range(27)] + ["action_0"] + [f"draw_{i}" for i in range(9)]
            + [f"next_{i}" for i in range(27)] + ["reward", "done"]
        )
        for row in rows:
            writer.writerow([repr(float(number)) for number in row[:-1]] + [row[-1]])


if __name__ == "__main__":
    main()
