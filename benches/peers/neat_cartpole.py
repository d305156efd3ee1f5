"""NEAT on CartPole-v1: compares whole runs of `deme train` and of neat-python.

Both programs have the same population, generations and threads, and one episode per individual and
generation. Both count the steps of training and the whole time of the run, including reproduction.
Neither stops when it has solved the task. Better individuals play longer episodes, so the programs
do not take the same number of steps; the script compares steps per second. neat-python simulates
the same equations step by step in Python, as its own example does, with a pool of processes and
deme's activation.

    python -m pip install neat-python==2.0.0
    cargo build --release --locked
    python benches/peers/neat_cartpole.py --rounds 3
"""

import argparse
import json
import math
import multiprocessing
import os
import random
import statistics
import subprocess
import tempfile
import time

LIMIT_ANGLE = 12 * 2 * math.pi / 360
LIMIT_X = 2.4
EPISODE_STEPS = 500

CONFIG = """
[NEAT]
fitness_criterion = max
fitness_threshold = 1e9
pop_size = {population}
reset_on_extinction = True
no_fitness_termination = True

[DefaultGenome]
num_inputs = 4
num_hidden = 0
num_outputs = 2
initial_connection = full_direct
feed_forward = True
compatibility_disjoint_coefficient = 1.0
compatibility_weight_coefficient = 0.4
conn_add_prob = 0.05
conn_delete_prob = 0.0
node_add_prob = 0.03
node_delete_prob = 0.0
activation_default = tanh
activation_options = tanh
activation_mutate_rate = 0.0
aggregation_default = sum
aggregation_options = sum
aggregation_mutate_rate = 0.0
bias_init_mean = 0.0
bias_init_stdev = 1.0
bias_replace_rate = 0.1
bias_mutate_rate = 0.7
bias_mutate_power = 0.5
bias_max_value = 30.0
bias_min_value = -30.0
response_init_mean = 1.0
response_init_stdev = 0.0
response_replace_rate = 0.0
response_mutate_rate = 0.0
response_mutate_power = 0.0
response_max_value = 30.0
response_min_value = -30.0
weight_init_mean = 0.0
weight_init_stdev = 1.0
weight_max_value = 30
weight_min_value = -30
weight_mutate_power = 0.5
weight_mutate_rate = 0.8
weight_replace_rate = 0.1
enabled_default = True
enabled_mutate_rate = 0.01

[DefaultSpeciesSet]
compatibility_threshold = 3.0

[DefaultStagnation]
species_fitness_func = max
max_stagnation = 15
species_elitism = 2

[DefaultReproduction]
elitism = 2
survival_threshold = 0.2
min_species_size = 2
"""


def episode(network, start):
    """The number of steps of one episode, by explicit Euler as in Gymnasium's CartPole-v1."""
    x, v, angle, w = start
    for step in range(1, EPISODE_STEPS + 1):
        left, right = network.activate((x, v, angle, w))
        force = 10.0 if right > left else -10.0
        sine, cosine = math.sin(angle), math.cos(angle)
        push = (force + 0.05 * w * w * sine) / 1.1
        w_rate = (9.8 * sine - cosine * push) / (0.5 * (4 / 3 - 0.1 * cosine * cosine / 1.1))
        v_rate = push - 0.05 * w_rate * cosine / 1.1
        x, v = x + 0.02 * v, v + 0.02 * v_rate
        angle, w = angle + 0.02 * w, w + 0.02 * w_rate
        if abs(x) > LIMIT_X or abs(angle) > LIMIT_ANGLE:
            break
    return step


def steps_of(genome, config, start):
    import neat

    return episode(neat.nn.FeedForwardNetwork.create(genome, config), start)


def run_neat_python(flags):
    import neat

    with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
        file.write(CONFIG.format(population=flags.population))
        file.flush()
        config = neat.Config(
            neat.DefaultGenome,
            neat.DefaultReproduction,
            neat.DefaultSpeciesSet,
            neat.DefaultStagnation,
            file.name,
        )
    random.seed(flags.seed)
    steps = 0
    with multiprocessing.Pool(flags.threads) as pool:

        def evaluate(genomes, config):
            nonlocal steps
            # All individuals have the same start, which is new in every generation.
            start = [random.uniform(-0.05, 0.05) for _ in range(4)]
            work = [(genome, config, start) for _, genome in genomes]
            share = -(-len(work) // (4 * flags.threads))
            for (_, genome), lived in zip(genomes, pool.starmap(steps_of, work, share)):
                genome.fitness = float(lived)
                steps += lived

        population = neat.Population(config)
        started_at = time.perf_counter()
        population.run(evaluate, flags.generations)
        seconds = time.perf_counter() - started_at
    return steps, seconds


def run_deme(flags):
    with tempfile.TemporaryDirectory() as folder:
        command = [
            flags.deme, "train", "cartpole", "--strategy", "neat", "--backend", "cpu",
            "--population", str(flags.population), "--generations", str(flags.generations),
            "--until", "never", "--seed", str(flags.seed), "--threads", str(flags.threads),
            "--out", os.path.join(folder, "run"), "--json", "--quiet",
        ]  # fmt: skip
        found = subprocess.run(command, check=True, capture_output=True, text=True)
    summary = json.loads(found.stdout)
    # Neither time includes the setup, which opens the task here and starts processes there.
    return summary["environment_steps"], summary["wall_seconds"] - summary["setup_seconds"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--deme", default="target/release/deme")
    parser.add_argument("--population", type=int, default=1000)
    parser.add_argument("--generations", type=int, default=20)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--rounds", type=int, default=3,
                        help="the number of rounds, in which the programs take turns")
    parser.add_argument("--seed", type=int, default=1)
    flags = parser.parse_args()
    programs = {"deme": run_deme, "neat-python": run_neat_python}
    rates = {name: [] for name in programs}
    for _ in range(flags.rounds):
        for name, run in programs.items():
            steps, seconds = run(flags)
            rates[name].append(steps / seconds)
            print(f"{name:12} {steps:>12,} steps {seconds:9.3f} s {steps / seconds:>14,.0f} /s")
        flags.seed += 1
    ours, theirs = (statistics.median(rates[name]) for name in programs)
    print(f"medians of {flags.rounds}: {ours:,.0f} and {theirs:,.0f} steps/s, "
          f"ratio {ours / theirs:,.0f}")


if __name__ == "__main__":
    main()
