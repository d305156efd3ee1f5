"""Forward passes of a whole population, the work of `deme bench forward`, in NumPy, PyTorch or JAX.

All individuals see the same samples, `[batch, inputs]`. Each has its own weights, per layer
`[population, source, target]`, and biases, `[population, target]`. Hidden layers are tanh, the last
layer is linear, all numbers are `float32`, and the outputs of every individual are computed. Each
variant chooses the layout of weights and outputs in memory; arranging the weights is not timed.
`--precision f16` makes all numbers `float16`, for comparison.

The timed outputs of every variant are checked against naive NumPy in `float64`. On the GPU, where
populations are large, only a sample of the individuals is checked.
"""

import importlib
import math

import peer

# The largest error of an output, relative to the largest output. Sums of a few hundred products in
# `float32` have errors of about 1e-6; a wrong index has an error of about 1.
LIMIT = 1e-4
# The same in `float16`, which has ten bits: sums of hundreds of products lose a few of the last
# bits.
LIMIT_F16 = 2e-2
# The number of individuals that are checked on the GPU, because naive NumPy is slow.
CHECKED = 512


def main() -> None:
    parser = peer.arguments(__doc__, ["numpy", "torch", "jax"])
    parser.add_argument("--network", default="64-128-10", help="widths, inputs first, outputs last")
    parser.add_argument("--population", type=int, default=256)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--precision", choices=["f32", "f16"], default="f32",
                        help="the format of all numbers [default: f32]")
    flags = parser.parse_args()
    layers = peer.widths(flags.network)
    peer.use(flags)

    import numpy

    random = numpy.random.default_rng(1)

    def normals(*shape: int) -> numpy.ndarray:
        return random.standard_normal(shape, dtype=numpy.float32)

    # The scale is that of the genomes of `deme bench`.
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
    """The outputs `[batch, outputs]` of one individual, in `float64`."""
    import numpy

    values = samples.astype(numpy.float64)
    for number, (weights, biases) in enumerate(layers, start=1):
        values = values @ weights.astype(numpy.float64) + biases.astype(numpy.float64)
        if number < len(layers):
            values = numpy.tanh(values)
    return values


if __name__ == "__main__":
    main()
