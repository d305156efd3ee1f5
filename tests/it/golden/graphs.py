"""Makes tests/it/golden/graphs: champions, their graphs, and what onnxruntime makes of them.

    python3 -m venv target/onnx && target/onnx/bin/pip install -r tests/it/golden/graphs/requirements.txt
    cargo build --release && target/onnx/bin/python tests/it/golden/graphs.py

Names of cases after the command train these anew. The other champions stay as they are; their graphs
and witnesses are made again. Each graph must pass onnx's checker. A witness holds observations, the outputs and the action of every step; memories go from step to
step. The case cartpole is played in Gymnasium as well.
"""

import json
import math
import pathlib
import subprocess
import sys
import tempfile
import zlib

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
    "grown": ["xor", "--strategy", "neat"],
    "grown-classes": ["classes.csv", "--strategy", "neat", "--generations", "30",
                      "--set", "add-node=0.5"],
    "loops": ["double-pole-hidden", "--strategy", "neat", "--generations", "30",
              *"--set recurrent=0.8 --set add-connection=0.5 --set add-node=0.3".split()],
    "functions": ["pendulum", "--strategy", "neat", "--generations", "1"],
    "stamps": ["stamps.csv", "--generations", "50"],
    "prices": ["prices.csv", "--network", "4", "--generations", "50"],
}

ACTIVATIONS = ["tanh", "relu", "sigmoid", "linear", "gelu", "silu", "sin", "softsign"]
AGGREGATIONS = ["sum", "product", "maximum", "minimum", "mean"]


def every_function():
    """A graph for pendulum: a node of every activation and aggregation, each of which reads the
    inputs, the bias, the node before it and what it gave itself a step before, and feeds the output;
    one that nothing comes in to; and one that leads nowhere."""
    generator = numpy.random.default_rng(7)
    nodes, connections = [], []

    def connect(source, target, recurrent=False, enabled=True, scale=1.0):
        weight = float(numpy.float32(scale * generator.uniform(-1.0, 1.0)))
        connections.append({"innovation": len(connections), "source": source, "target": target,
                            "weight": weight, "enabled": enabled, "recurrent": recurrent})

    def node(id, activation, aggregation, response):
        nodes.append({"id": id, "activation": activation, "aggregation": aggregation,
                      "response": response})

    bias, output, first = 3, 4, 5
    node(output, "linear", "sum", 1.5)
    pairs = [(activation, aggregation) for activation in ACTIVATIONS for aggregation in AGGREGATIONS]
    for place, (activation, aggregation) in enumerate(pairs):
        here = first + place
        node(here, activation, aggregation, 1.0 if place % 3 else 0.75)
        for source in [0, 1, 2, bias]:
            connect(source, here, enabled=(place + source) % 5 != 0)
        if place:
            connect(here - 1, here, scale=0.5)
        connect(here, here, recurrent=True, scale=0.5)
        connect(here, output)
    alone, nowhere = first + len(pairs), first + len(pairs) + 1
    node(alone, "sigmoid", "product", 1.0)
    connect(alone, output)
    node(nowhere, "tanh", "sum", 1.0)
    connect(0, nowhere)
    connect(output, first, recurrent=True)
    return {"inputs": 3, "outputs": 1, "nodes": nodes, "connections": connections}


def replace_graph(path, graph):
    """Puts another graph into a champion's file: see src/packed.rs for its checksum."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    words = header["__metadata__"]
    words.update({"graph": json.dumps(graph), "checksum": "0" * 8})
    header = json.dumps(header, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    data = len(header).to_bytes(8, "little") + header + data[8 + size:]
    sum_of_all = f"{zlib.crc32(data):08x}".encode()
    path.write_bytes(data.replace(b'"checksum":"00000000', b'"checksum":"' + sum_of_all, 1))


def tables(folder):
    with open(folder / "wave.csv", "w") as file:
        file.write("x,z,y\n")
        for i in range(200):
            file.write(f"{i / 20},{(i * 7) % 13},{math.sin(i / 20) + 40}\n")
    with open(folder / "classes.csv", "w") as file:
        file.write("a,b,kind\n")
        for i in range(120):
            file.write(f"{i % 7},{(i * 3) % 11},{['low', 'middle', 'high'][i % 3]}\n")
    # Columns that f32 cannot hold: time stamps in milliseconds, and a target of the same size.
    with open(folder / "stamps.csv", "w") as file:
        file.write("stamp,late\n")
        for i in range(90):
            file.write(f"{1_700_000_000_000 + (i * 17) % 30},{'no yes'.split()[(i * 17) % 30 > 14]}\n")
    with open(folder / "prices.csv", "w") as file:
        file.write("x,price\n")
        for i in range(90):
            file.write(f"{i / 9},{1_700_000_000_000.5 + 10 * math.sin(i / 20)}\n")


TYPES = {"tensor(float)": numpy.float32, "tensor(double)": numpy.float64}


def run(session, steps):
    inputs = session.get_inputs()
    names = [output.name for output in session.get_outputs()]
    assert names[:2] == ["action", "outputs"]
    memory = {i.name: numpy.zeros((1, i.shape[1]), numpy.float32) for i in inputs[1:]}
    for observation in steps:
        row = numpy.array([observation], TYPES[inputs[0].type])
        found = dict(zip(names, session.run(names, {"observation": row, **memory})))
        memory = {name: found[f"{name}_next"] for name in memory}
        yield found


def witness(path, case):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    width = session.get_inputs()[0].shape[1]
    generator = numpy.random.default_rng(1)
    observations = generator.normal(0.0, 1.5, (STEPS, width)).astype(numpy.float32).tolist()
    if case == "stamps":
        observations = [[1_700_000_000_000 + step] for step in range(30)]
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
    import gymnasium
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
    wanted = sys.argv[1:]
    old = json.loads((HERE / "witness.json").read_text())
    cases = {}
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        tables(folder)
        for name, arguments in CASES.items():
            graph, tensors = HERE / f"{name}.onnx", HERE / f"{name}.safetensors"
            if name not in wanted:
                subprocess.run([DEME, "export", tensors, "--onnx", graph], check=True)
                cases[name] = {"steps": witness(str(graph), name)}
                continue
            train = [DEME, "train", *arguments, "--backend", "cpu", "--out", name, "--quiet"]
            subprocess.run(train, cwd=folder, check=True, stdout=subprocess.DEVNULL)
            if name == "functions":
                replace_graph(folder / name / "champion.safetensors", every_function())
            files = ["--onnx", graph, "--safetensors", tensors]
            subprocess.run([DEME, "export", name, *files], cwd=folder, check=True)
            cases[name] = {"steps": witness(str(graph), name)}
    text = {
        "onnx": onnx.__version__,
        "onnxruntime": onnxruntime.__version__,
        "gymnasium": old["gymnasium"],
        "cartpole_score": score(str(HERE / "cartpole.onnx"), "CartPole-v1")
        if "cartpole" in wanted else old["cartpole_score"],
        "cases": {name: cases[name] for name in CASES},
    }
    (HERE / "witness.json").write_text(json.dumps(text, indent=None) + "\n")
    if "cartpole" in wanted:
        print("CartPole-v1:", text["cartpole_score"], "over 100 episodes")


main()
