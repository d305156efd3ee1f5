"""Plays exported champions in Gymnasium's environments, and compares the scores with `deme play`.

The script trains each of the five classic tasks once on the CPU, exports the champion as ONNX, and
plays it with onnxruntime for 100 episodes of the published environment. The mean return should
agree with that of `deme play` on other episodes. The script prints a Markdown table with the
difference of the means in standard errors.

It needs deme (see --deme) and `pip install gymnasium onnxruntime`.
"""

import argparse
import json
import math
import subprocess
import tempfile
from pathlib import Path

import gymnasium
import numpy
import onnxruntime

ENVIRONMENTS = {
    "cartpole": "CartPole-v1",
    "mountaincar": "MountainCar-v0",
    "mountaincar-continuous": "MountainCarContinuous-v0",
    "acrobot": "Acrobot-v1",
    "pendulum": "Pendulum-v1",
}
EPISODES = 100


def deme(binary: str, *arguments: str) -> str:
    return subprocess.run([binary, *arguments], check=True, capture_output=True, text=True).stdout


def returns_in_gymnasium(environment: str, model: Path, seed: int) -> numpy.ndarray:
    """The returns of 100 episodes, `[episodes]`."""
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    game = gymnasium.make(environment)
    returns = []
    for episode in range(EPISODES):
        observation, _ = game.reset(seed=1000 * seed + episode)
        total, over = 0.0, False
        while not over:
            inputs = {"observation": numpy.float32(observation)[None]}
            (action,) = session.run(["action"], inputs)
            choice = isinstance(game.action_space, gymnasium.spaces.Discrete)
            observation, reward, terminated, truncated, _ = game.step(
                int(action[0]) if choice else action[0]
            )
            total, over = total + float(reward), terminated or truncated
        returns.append(total)
    return numpy.array(returns)


def returns_in_deme(binary: str, run: Path, trace: Path) -> numpy.ndarray:
    """The returns of the 100 held-out episodes, `[episodes]`, summed from the trace."""
    deme(binary, "play", str(run), "--quiet", "--trace", str(trace))
    lines = trace.read_text().splitlines()
    columns = lines[0].split(",")
    episode, reward = columns.index("episode"), columns.index("reward")
    totals: dict[str, float] = {}
    for line in lines[1:]:
        words = line.split(",")
        totals[words[episode]] = totals.get(words[episode], 0.0) + float(words[reward])
    return numpy.array(list(totals.values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deme", default="target/release/deme", help="the binary")
    parser.add_argument("--seed", type=int, default=1,
                        help="the seed of training and of the episodes")
    flags = parser.parse_args()
    print("| task | in deme | in Gymnasium | difference, standard errors |")
    print("|---|---|---|---|")
    for task, environment in ENVIRONMENTS.items():
        with tempfile.TemporaryDirectory() as folder:
            run, model = Path(folder, "run"), Path(folder, "champion.onnx")
            seed = ["--seed", str(flags.seed)]
            deme(flags.deme, "train", task, "--backend", "cpu", "--out", str(run), *seed)
            deme(flags.deme, "export", str(run), "--onnx", str(model))
            ours = returns_in_deme(flags.deme, run, Path(folder, "trace.csv"))
            theirs = returns_in_gymnasium(environment, model, flags.seed)
            score = json.loads(deme(flags.deme, "play", str(run), "--json"))["score"]
        assert len(ours) == EPISODES and abs(ours.mean() - score) < 1e-3 * max(1.0, abs(score))
        error = math.sqrt(ours.var(ddof=1) / EPISODES + theirs.var(ddof=1) / EPISODES)
        difference = theirs.mean() - ours.mean()
        errors = f"{difference / error:.2f}" if error > 0 else f"{difference:.2f} (no spread)"
        print(f"| {task} | {ours.mean():.2f} | {theirs.mean():.2f} | {errors} |")


if __name__ == "__main__":
    main()
