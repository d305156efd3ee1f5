"""Golden data of recurrent layers and activations, from PyTorch in double precision.

    python recurrent.py > recurrent.json

Weights, biases and inputs are multiples of 1/64, so that single precision holds them, and the sum of
a gate's two biases. Made with torch 2.15.0, on Python 3.11.
"""

import json

import torch

STEPS = 12
CELLS = [("elman", "tanh", 3, 4), ("elman", "relu", 2, 5), ("gru", None, 3, 4), ("gru", None, 1, 6)]


def grid(*shape: int, generator: torch.Generator) -> torch.Tensor:
    """Multiples of 1/64 from -1.25 to 1.25."""
    return torch.randint(-80, 81, shape, generator=generator).double() / 64


def cell(kind: str, activation: str | None, inputs: int, outputs: int, seed: int) -> dict:
    generator = torch.Generator().manual_seed(seed)
    if kind == "gru":
        layer = torch.nn.GRUCell(inputs, outputs, dtype=torch.float64)
    else:
        layer = torch.nn.RNNCell(inputs, outputs, nonlinearity=activation, dtype=torch.float64)
    # The output of an Elman layer with relu is unbounded, so its recurrent weights are smaller.
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            scale = 0.25 if name == "weight_hh" and activation == "relu" else 1.0
            parameter.copy_(scale * grid(*parameter.shape, generator=generator))
    observations = grid(STEPS, inputs, generator=generator)
    state, states = torch.zeros(outputs, dtype=torch.float64), []
    with torch.no_grad():
        for observation in observations:
            state = layer(observation, state)
            states.append(state)
    tensors = {name: value.flatten().tolist() for name, value in layer.named_parameters()}
    return {
        "spec": f"{outputs}:{kind}" + (":relu" if activation == "relu" else ""),
        "inputs": inputs,
        "tensors": tensors,
        "observations": observations.tolist(),
        "states": torch.stack(states).tolist(),
    }


def activations() -> dict:
    x = torch.linspace(-6, 6, 49, dtype=torch.float64)
    functional = torch.nn.functional
    return {
        "x": x.tolist(),
        "gelu": functional.gelu(x, approximate="tanh").tolist(),
        "silu": functional.silu(x).tolist(),
        "softsign": functional.softsign(x).tolist(),
        "sin": torch.sin(x).tolist(),
    }


if __name__ == "__main__":
    cells = [cell(*about, seed=seed) for seed, about in enumerate(CELLS)]
    print(json.dumps({"cells": cells, "activations": activations()}))
