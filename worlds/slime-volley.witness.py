"""Records single steps of slimevolleygym 0.1.0 as slime-volley.witness.csv.

Needs numpy and the source of slimevolleygym on the path; gym and cv2 are replaced by empty modules,
because the physics use neither. Usage: python slime-volley_witness.py FOLDER_OF_SLIMEVOLLEYGYM
"""

import csv
import pathlib
import sys
import types

import numpy as np

STATE, RIGHT, BALL, LEFT, OPPONENT, WAIT = 32, 12, 15, 19, 22, 29
ROWS_OF_EACH_KIND = 18


def import_original(folder):
    """Imports the original with stand-ins for gym and cv2."""
    class Anything:
        def __init__(self, *args, **kwargs):
            pass

    modules = {name: types.ModuleType(name) for name in (
        "cv2", "gym", "gym.spaces", "gym.utils", "gym.utils.seeding", "gym.envs",
        "gym.envs.registration")}
    modules["gym"].Env = modules["gym"].Wrapper = modules["gym"].RewardWrapper = Anything
    modules["gym"].spaces = modules["gym.spaces"]
    modules["gym.spaces"].Box = modules["gym.spaces"].MultiBinary = Anything
    modules["gym.utils"].seeding = modules["gym.utils.seeding"]
    modules["gym.envs.registration"].register = lambda **kwargs: None
    sys.modules.update(modules)
    sys.path.insert(0, folder)
    import slimevolleygym.slimevolley as original
    return original


class Draws:
    """A generator whose uniforms are given."""

    def __init__(self, uniforms):
        self.uniforms = list(uniforms)

    def uniform(self, low, high):
        """The next uniform, between two numbers."""
        return low + (high - low) * self.uniforms.pop(0)


def load(env, state, draws):
    """Puts a state into the original."""
    game, policy = env.game, env.policy
    game.np_random = Draws(draws)
    seen, right, ball, left = state[:12], state[12:15], state[15:19], state[19:22]
    agents = ((game.agent_right, right, seen[2]), (game.agent_left, left, -seen[10]))
    for agent, (x, y, vy), vx in agents:
        agent.x, agent.y, agent.vx, agent.vy = x, y, vx, vy
    body = game.ball
    body.x, body.y, body.vx, body.vy = ball
    body.prev_x, body.prev_y = body.x, body.y
    names = ("x", "y", "vx", "vy", "bx", "by", "bvx", "bvy", "ox", "oy", "ovx", "ovy")
    for name, value in zip(names, seen):
        setattr(game.agent_right.state, name, value)
    mirrored = [seen[8], seen[9], seen[10], seen[11], -seen[4], seen[5], -seen[6], seen[7],
                seen[0], seen[1], seen[2], seen[3]]
    for name, value in zip(names, mirrored):
        setattr(game.agent_left.state, name, value)
    policy.outputState = np.array(state[OPPONENT:WAIT])
    game.delayScreen.life = int(state[WAIT])
    game.agent_right.life, game.agent_left.life = int(state[30]), int(state[31])
    env.t = 0


def read(env):
    """Returns the state of the original."""
    game = env.game
    seen = game.agent_right.getObservation() * 10.0
    right, left, ball = game.agent_right, game.agent_left, game.ball
    return [*seen, right.x, right.y, right.vy, ball.x, ball.y, ball.vx, ball.vy,
            left.x, left.y, left.vy, *env.policy.outputState, game.delayScreen.life,
            right.life, left.life]


def step(env, state, action, draws):
    """Returns the next state, the reward and the end of a step of the original."""
    load(env, state, draws)
    _, reward, done, _ = env.step(action)
    return [float(x) for x in read(env)], float(reward), float(done)


def rounded(numbers):
    """Returns numbers that single precision holds, written with few digits."""
    return [float(str(np.float32(x))) for x in numbers]


def kinds(state, action, after, reward, done):
    """Returns the names of what happens in a step."""
    found = []
    moved = state[WAIT] == 0
    speed = np.hypot(state[BALL + 2], state[BALL + 3] - 0.98)
    now, then = np.array(state[BALL:BALL + 4]), np.array(after[BALL:BALL + 4])
    if done:
        found.append("end")
    if reward:
        found.append("point for the right" if reward > 0 else "point for the left")
    elif not moved:
        found.append("wait")
    else:
        turned = abs(then[2] - now[2]) > 1e-6
        if speed > 22.5:
            found.append("speed limit")
        elif turned:
            x, y = now[:2]
            if abs(x) > 22.5 and abs(then[2] + now[2]) < 1e-6:
                found.append("wall")
            elif abs(x) < 2 and y < 3.4 and abs(then[2] + now[2]) < 1e-6:
                found.append("side of the net")
            elif abs(x) < 1.6 and y > 3.0:
                found.append("top of the net")
            else:
                found.append("right player hits" if x > 0 else "left player hits")
        else:
            found.append("flight")
    if np.abs(np.array(state[:3]) - [state[RIGHT], state[RIGHT + 1], state[2]]).max() > 0:
        found.append("old sight")
    if np.hypot(state[BALL] - state[4], state[BALL + 1] - state[5]) > 0:
        found.append("old sight of the ball")
    if action[0] > 0 and action[1] > 0:
        found.append("both buttons")
    if action[2] > 0:
        found.append("jump in the air" if state[RIGHT + 1] > 1.6 else "jump")
    if after[RIGHT] in (2.0, 22.5):
        found.append("right player stopped")
    if abs(after[LEFT]) in (2.0, 22.5):
        found.append("left player stopped")
    return found


def is_stable(env, rng, state, action, draws, after):
    """True if a tiny change of the state changes the next state only a little."""
    for _ in range(4):
        noise = 3e-6 * rng.standard_normal(STATE) * (np.arange(STATE) < WAIT)
        on_ground = [i for i in (RIGHT + 1, LEFT + 1) if state[i] <= 1.5]
        noise[on_ground] = 0.0
        other, _, _ = step(env, list(np.array(state) + noise), action, draws)
        if np.abs(np.array(other) - after).max() > 2e-3:
            return False
    return True


def main():
    """Plays episodes and keeps steps of every kind."""
    original = import_original(sys.argv[1])
    rng = np.random.default_rng(20)
    env = original.SlimeVolleyEnv()
    rows, counts = [], {}

    def consider(state, action, draws):
        state, action, draws = rounded(state), rounded(action), rounded(draws)
        after, reward, done = step(env, state, action, draws)
        found = kinds(state, action, after, reward, done)
        scarce = [kind for kind in found if counts.get(kind, 0) < ROWS_OF_EACH_KIND]
        if scarce and is_stable(env, rng, state, action, draws, np.array(after)):
            for kind in found:
                counts[kind] = counts.get(kind, 0) + 1
            rows.append([*state, *action, *draws, *after, reward, done])
        return after, done

    for episode in range(60):
        draws = rounded(rng.random(2))
        env.game.np_random = Draws(draws)
        env.game.reset()
        env.policy.reset()
        helper = original.BaselinePolicy()
        state, done, skill = read(env), 0.0, rng.random()
        action = np.zeros(3)
        for time in range(3000):
            wise = np.array(helper.predict(np.array(state[:12]) / 10.0))
            if rng.random() < 0.2:
                action = rng.normal(size=3)
            if rng.random() < skill:
                action = (2 * wise - 1) * np.abs(rng.normal(size=3))
            state, done = consider(state, action, rng.random(2))
            if done:
                break
    # Made-up states for what play hardly ever shows: the ceiling, both sides of the net, a ball
    # deep inside a player, and the last points of either player.
    for trial in range(52):
        state = rounded(read(env))
        state[30:32] = [5, 5]
        state[WAIT] = 0
        state[BALL:BALL + 4] = [rng.uniform(-20, 20), 47.2, rng.uniform(-9, 9), 15]
        if trial >= 14:
            side = rng.choice([-1, 1])
            state[BALL:BALL + 4] = [side * 1.1, rng.uniform(2.3, 3.0), -side * 12, 1]
        if trial >= 28:
            state[BALL:BALL + 4] = [state[RIGHT] + rng.uniform(-0.5, 0.5), state[RIGHT + 1] + 1,
                                    *rng.uniform(-9, 9, 2)]
        if trial >= 40:
            side = 1 - 2 * (trial % 2)
            state[BALL:BALL + 4] = [side * rng.uniform(3, 6), 2.2, rng.uniform(-9, 9), -15]
            state[RIGHT], state[LEFT] = 15.0, -15.0
            state[30:32] = list(rng.integers(1, 3, 2))
        state[4:8] = state[BALL:BALL + 4]
        state, action, draws = rounded(state), rounded(rng.normal(size=3)), rounded(rng.random(2))
        after, reward, done = step(env, state, action, draws)
        if is_stable(env, rng, state, action, draws, np.array(after)):
            rows.append([*state, *action, *draws, *after, reward, done])
            counts["made up"] = counts.get("made up", 0) + 1

    path = pathlib.Path(__file__).with_name("slime-volley.witness.csv")
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([f"state_{i}" for i in range(STATE)] + [f"action_{i}" for i in range(3)]
                        + [f"draw_{i}" for i in range(2)] + [f"next_{i}" for i in range(STATE)]
                        + ["reward", "done"])
        for row in rows:
            numbers = [repr(float(x)) for x in row]
            writer.writerow([x.removesuffix(".0") if x != "-0.0" else "0" for x in numbers])
    print(len(rows), path.stat().st_size, counts)


main()
