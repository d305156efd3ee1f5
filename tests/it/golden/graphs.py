"""Makes tests/it/golden/graphs: champions, their graphs, and what onnxruntime makes of them.

    python3 -m venv target/onnx && target/onnx/bin/pip install -r tests/it/golden/graphs/requirements.txt
    cargo build --release && target/onnx/bin/python tests/it/golden/graphs.py

Each graph must pass onnx's checker. A witness holds observations, the outputs and the action of
every step; memories go from step to step. The last case is played in Gymnasium as well.
"""

import json
import math
import pathlib
import subprocess
import tempfile

import gymnasium
import numpy
import onnx
import onnxruntime

HERE = pathlib.Path(__file__).parent / "graphs"
DEME = pathlib.Path(__file__).parents[3] / "target/release/deme"
STEPS = 25

CASES = {
    "cartpole": ["cartpole", "--network", "5-4:relu"],
    "pendulum": ["pendulum", "--network", "4:gru", "--generations", "3"],
    "hidden": ["double-pole-hidden", "--network", "3:elman:softsign", "--generations", "2"],
    "wave": ["wave.csv", "--network", "6:gelu-5:silu-4:sin", "--generations", "5"],
    "classes": ["classes.csv", "--network", "4:sigmoid-3:nobias-out:nobias"],
    "xor": ["xor", "--network", "4"],
}


def tables(folder):
    with open(folder / "wave.csv", "w") as file:
        file.write("x,z,y\n")
        for i in range(200):
            file.write(f"{i / 20},{(i * 7) % 13},{math.sin(i / 20) + 40}\n")
    with open(folder / "classes.csv", "w") as file:
        file.write("a,b,kind\n")
        for i in range(120):
            file.write(f"{i % 7},{(i * 3) % 11},{['low', 'middle', 'high'][i % 3]}\n")


def run(session, steps):
    inputs = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    memory = {i.name: numpy.zeros((1, i.shape[1]), numpy.float32) for i in inputs[1:]}
    for observation in steps:
        row = numpy.array([observation], numpy.float32)
        found = dict(zip(names, session.run(names, {"observation": row, **memory})))
        memory = {name: found[f"{name}_next"] for name in memory}
        yield found


def witness(path):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    width = session.get_inputs()[0].shape[1]
    generator = numpy.random.default_rng(1)
    observations = generator.normal(0.0, 1.5, (STEPS, width)).astype(numpy.float32).tolist()
    rows = []
    for observation, found in zip(observations, run(session, observations)):
        rows.append({
            "observation": observation,
            "outputs": found["outputs"][0].tolist(),
            "action": numpy.ravel(found["action"]).tolist(),
        })
    return rows


def score(path, name, episodes=100):
    """The mean return of a graph in Gymnasium's own environment."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    environment = gymnasium.make(name)
    returns = []
    for seed in range(episodes):
        observation, _ = environment.reset(seed=seed)
        total, ended = 0.0, False
        while not ended:
            found = next(run(session, [observation.tolist()]))
            observation, reward, done, cut, _ = environment.step(int(found["action"][0]))
            total, ended = total + reward, done or cut
        returns.append(total)
    return sum(returns) / episodes


def main():
    cases = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        tables(folder)
        for name, arguments in CASES.items():
            train = [DEME, "train", *arguments, "--backend", "cpu", "--out", name, "--quiet"]
            subprocess.run(train, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            graph, tensors = HERE / f"{name}.onnx", HERE / f"{name}.safetensors"
            files = ["--onnx", graph, "--safetensors", tensors]
            subprocess.run([DEME, "export", name, *files], cwd=folder, check=True)
            cases[name] = {"steps": witness(str(graph))}
    text = {
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
        "gymnasium": gymnasium.__version__,
        "cartpole_score": score(str(HERE / "cartpole.onnx"), "CartPole-v1"),
        "cases": cases,
    }
    (HERE / "witness.json").write_text(json.dumps(text, indent=None) + "\n")
    print("CartPole-v1:", text["cartpole_score"], "over 100 episodes")


main()
