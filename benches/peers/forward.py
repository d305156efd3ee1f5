"""Forward passes of a whole population: the work of `deme bench forward`, by NumPy, PyTorch or JAX.

All individuals see the same samples, `[batch, inputs]`; each has weights of its own, per layer
`[population, source, target]` and a bias `[population, target]`. Hidden layers are tanh, the last
one is linear, all numbers are `float32`, and the outputs of every individual are produced. How
weights and outputs lie in memory is up to the variant, and arranging the weights is not timed.
`--precision f16` makes all numbers `float16`, for comparison.

Every variant's outputs, the very ones that are timed, are checked against naive NumPy in `float64`;
on the GPU, whose populations are large, those of individuals throughout the population.
"""

import importlib
import math

import peer

# Of an output against `float64`, relative to the largest output. Sums of up to a few hundred
# products in `float32` err by about 1e-6 of that; a wrong index errs by its whole size.
LIMIT = 1e-4
# In `float16`, of ten bits: a hidden sum of hundreds of products errs by some of its last bits.
LIMIT_F16 = 2e-2
# Individuals that are checked on the GPU; naive NumPy would take longer for all than all the rest.
CHECKED = 512


def main() -> None:
    parser = peer.arguments(__doc__, ["numpy", "torch", "jax"])
    parser.add_argument("--network", default="64-128-10", help="widths, inputs first, outputs last")
    parser.add_argument("--population", type=int, default=256)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--precision", choices=["f32", "f16"], default="f32",
                        help="of all numbers [default: f32]")
    flags = parser.parse_args()
    layers = peer.widths(flags.network)
    peer.use(flags)

    import numpy

    random = numpy.random.default_rng(1)

    def normals(*shape: int) -> numpy.ndarray:
        return random.standard_normal(shape, dtype=numpy.float32)

    # The scale of the genomes that `deme bench` times.
    scale = numpy.float32(0.5)
    weights = [
        (scale * normals(flags.population, *layer), scale * normals(flags.population, layer[1]))
        for layer in zip(layers, layers[1:])
    ]
    samples = normals(flags.batch, layers[0])
    if flags.precision == "f16":
        weights = [tuple(each.astype(numpy.float16) for each in layer) for layer in weights]
        samples = samples.astype(numpy.float16)
    looked_at = numpy.arange(flags.population)
    if flags.device == "gpu" and flags.population > CHECKED:
        looked_at = numpy.linspace(0, flags.population - 1, CHECKED).astype(int)
    truth = numpy.stack([
        reference(samples, [(w[i], b[i]) for w, b in weights]) for i in looked_at
    ])
    size = abs(truth).max()
    shape = (flags.population, flags.batch, layers[-1])
    limit = LIMIT if flags.precision == "f32" else LIMIT_F16

    def check(outputs: numpy.ndarray) -> None:
        if outputs.shape != shape:
            raise peer.Wrong(f"outputs are {outputs.shape}, not {shape}")
        worst = abs(outputs[looked_at] - truth).max() / size
        if not worst <= limit:
            raise peer.Wrong(f"outputs differ from float64 by {worst:.1e} of the largest")

    def checked(build):
        def built():
            run, arrange = build(weights, samples, flags.threads)
            return run, lambda outputs: check(arrange(outputs))

        return built

    module = importlib.import_module(f"forward_{flags.library}")
    variants = [peer.Variant(name, checked(build)) for name, build in module.VARIANTS.items()]
    parameters = peer.parameters(layers)
    moved = parameters * flags.population + samples.size + math.prod(shape)
    known = {
        "subject": "forward",
        "network": flags.network,
        "parameters": parameters,
        "population": flags.population,
        "batch": flags.batch,
        "backend": flags.library if flags.precision == "f32" else f"{flags.library} f16",
        "operations": 2 * parameters * flags.population * flags.batch,
        "bytes": samples.itemsize * moved,
    }
    peer.answer(flags, known, variants, module.PACKAGES)


def reference(samples, layers):
    """Outputs `[batch, outputs]` of one individual, in `float64`."""
    import numpy

    values = samples.astype(numpy.float64)
    for number, (weights, biases) in enumerate(layers, start=1):
        values = values @ weights.astype(numpy.float64) + biases.astype(numpy.float64)
        if number < len(layers):
            values = numpy.tanh(values)
    return values


if __name__ == "__main__":
    main()
