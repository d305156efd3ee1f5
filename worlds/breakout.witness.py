"""Records single steps of MinAtar's Breakout for the world of the same name.

Needs: pip install minatar. Writes breakout.witness.csv. The package is a black box here: only its
public functions are called, and all numbers come from observations, rewards and ends.

State: [paddle, ball column, ball row, its direction in columns and in rows, its last column and
row, 1 if it met a brick in the last step, last action, three rows of bricks as binary numbers].
"""

import csv
import logging

import numpy as np

logging.disable(logging.WARNING)
from minatar import Environment  # noqa: E402

EPISODES = 400
ROWS_OF_A_KIND = 14
CHOICES = [0, 1, 3]  # the package's numbers of stay, left and right
STICKY = 0.1


def place(channel):
    """Returns the column and the row of the only cell of a channel that is set."""
    rows, columns = np.nonzero(channel)
    assert len(rows) == 1
    return int(columns[0]), int(rows[0])


def observed(env):
    """Returns [paddle, ball column, ball row, trail column, trail row, three rows of bricks]."""
    cells = np.array(env.state())
    bricks = [int(np.dot(cells[row, :, 3], 2 ** np.arange(10))) for row in (1, 2, 3)]
    assert cells[:, :, 3].sum() == cells[1:4, :, 3].sum()
    return [place(cells[:, :, 0])[0], *place(cells[:, :, 1]), *place(cells[:, :, 2]), *bricks]


def ahead(state):
    """Returns the column that the ball would enter next if no paddle were there."""
    column = state[1] + state[3]
    return column if 0 <= column <= 9 else state[1]


def next_state(state, choice, env):
    """Returns the state after a step: what is observed, and what follows from two observations."""
    paddle, column, row, old_column, old_row, *bricks = observed(env)
    assert (old_column, old_row) == (state[1], state[2])
    # A ball that did not change its row was turned around, by a brick, a wall or the paddle.
    down = state[4] if row != state[2] else -state[4]
    wall = not 0 <= state[1] + state[3] <= 9
    across = -state[3] if wall else state[3]
    if row == 8 and state[2] == 8 and paddle != state[1]:
        across = -across
    target = state[2] + state[4]
    before = state[9:12]
    met = 1 <= target <= 3 and before[target - 1] >> ahead(state) & 1
    return [paddle, column, row, across, down, old_column, old_row, int(met), choice, *bricks]


def kind(state, then, reward):
    """Returns what happened in a step, to record a few steps of every kind."""
    renewed = sum(then[9:12]) > sum(state[9:12])
    turned = then[3] != state[3], then[4] != state[4]
    edge = then[2] >= 8, then[2] == 0, then[2] == 9
    held = state[0] == then[0]
    return turned, edge, bool(reward), renewed, state[7], then[7], held


def wanted(state, rng):
    """Returns a choice that brings the paddle to where the ball will come down."""
    column, across, row, down = state[1], state[3], state[2], state[4]
    while 0 < down and row < 8:
        if not 0 <= column + across <= 9:
            across = -across
        else:
            column += across
        row += 1
    if rng.random() < 0.3 and 0 <= column + across <= 9:
        column += across
    return 1 if state[0] > column else 2 if state[0] < column else 0


def main():
    rng = np.random.default_rng(3)
    rows, kinds = [], {}
    for number in range(EPISODES):
        env = Environment("breakout", sticky_action_prob=0.0)
        env.seed(number)
        env.reset()
        paddle, column, row, *rest = observed(env)
        state = [paddle, column, row, 1 if column == 0 else -1, 1, *rest[:2], 0, 0, *rest[2:]]
        clumsy = rng.choice([0.0, 0.02, 0.3])
        done = False
        for _ in range(3000):
            if done:
                break
            choice = wanted(state, rng)
            if sum(state[9:12]) == 0 and number % 3 == 0:
                choice = (choice + 1) % 3
            if rng.random() < clumsy:
                choice = int(rng.integers(3))
            draw = float(np.float32(rng.random()))
            # The package itself repeats the last action, in the steps that the draw says.
            env.sticky_action_prob = 1.0 if draw < STICKY else 0.0
            reward, done = env.act(CHOICES[choice])
            then = next_state(state, state[8] if draw < STICKY else choice, env)
            this = kind(state, then, reward)
            kinds[this] = kinds.get(this, 0) + 1
            if kinds[this] <= ROWS_OF_A_KIND:
                rows.append([*state, choice, draw, *then, float(reward), int(done)])
            state = then
    with open("breakout.witness.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            [f"state_{i}" for i in range(12)] + ["action_0", "draw_0"]
            + [f"next_{i}" for i in range(12)] + ["reward", "done"]
        )
        for row in rows:
            writer.writerow([repr(float(number)) for number in row[:-1]] + [row[-1]])


if __name__ == "__main__":
    main()
