"""Forward passes of a population in NumPy. See `forward.py` for the work.

A variant takes the weights and biases of the layers, the samples and the number of threads. It
returns two functions: one that runs a repetition, and one that converts its outputs to
`[population, batch, outputs]`. Buffers are allocated once, as a careful user of NumPy would.

*Rows*: an individual's values are stored as `[batch, width]`. *Columns*: they are stored as
`[width, batch]`, so that the first layer of the whole population is one product of
`[population * width, inputs]` with `[inputs, batch]`.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy
from threadpoolctl import ThreadpoolController

PACKAGES = ["numpy"]
# The controller is created once, because it takes long to find the BLAS.
BLAS = ThreadpoolController()


def rows(weights, samples, threads):
    """Batched `matmul`; BLAS may use all threads in each of its products."""
    run = rows_of(weights, samples)
    return run, lambda outputs: outputs


def columns(weights, samples, threads):
    """Batched `matmul` on columns; the first layer is one product."""
    run = columns_of(weights, samples)
    return run, lambda outputs: outputs.transpose(0, 2, 1)


def einsum(weights, samples, threads):
    """`einsum`, which chooses the products itself."""

    def run():
        values, axes = samples, "bi"
        for number, (layer, biases) in enumerate(weights, start=1):
            values = numpy.einsum(f"{axes},pio->pbo", values, layer, optimize=True)
            values += biases[:, None, :]
            if number < len(weights):
                numpy.tanh(values, out=values)
            axes = "pbi"
        return values

    return run, lambda outputs: outputs


def threaded(part_of, size):
    """Threads over parts of the population, each with a single-threaded BLAS.

    NumPy releases the interpreter's lock in products and in tanh, so tanh runs on several threads
    here. Small parts keep an individual's hidden values in the cache.
    """

    def build(weights, samples, threads):
        population = len(weights[0][0])
        step = min(size, -(-population // threads))
        cuts = [slice(at, at + step) for at in range(0, population, step)]
        shares = [[(layer[cut], biases[cut]) for layer, biases in weights] for cut in cuts]
        parts = [part_of(share, samples) for share in shares]
        pool = ThreadPoolExecutor(threads)

        def share(index):
            return [part() for part in parts[index::threads]]

        def run():
            with BLAS.limit(limits=1):
                return list(pool.map(share, range(threads)))

        def arrange(shares):
            outputs = [None] * len(parts)
            for index, share in enumerate(shares):
                outputs[index::threads] = share
            outputs = numpy.concatenate(outputs)
            return outputs.transpose(0, 2, 1) if part_of is columns_of else outputs

        return run, arrange

    return build


def rows_of(weights, samples):
    """Builds a repetition that returns `[population, batch, outputs]`."""
    layers = [(layer, biases[:, None, :]) for layer, biases in weights]
    shape = (len(weights[0][0]), len(samples))
    buffers = [numpy.empty((*shape, layer.shape[2]), numpy.float32) for layer, _ in weights]
    return passes(layers, buffers, lambda layer, values, out: numpy.matmul(values, layer, out=out),
                  samples)


def columns_of(weights, samples):
    """Builds a repetition that returns `[population, outputs, batch]`."""
    turned = [numpy.ascontiguousarray(layer.transpose(0, 2, 1)) for layer, _ in weights]
    layers = [(layer, biases[:, :, None]) for layer, (_, biases) in zip(turned, weights)]
    shape = [(len(layer), layer.shape[1], len(samples)) for layer in turned]
    buffers = [numpy.empty(each, numpy.float32) for each in shape]

    def product(layer, values, out):
        if values.ndim == 2:
            flat = layer.reshape(-1, layer.shape[2])
            numpy.matmul(flat, values, out=out.reshape(len(flat), -1))
        else:
            numpy.matmul(layer, values, out=out)

    return passes(layers, buffers, product, numpy.ascontiguousarray(samples.T))


def passes(layers, buffers, product, samples):
    def run():
        values = samples
        for (layer, biases), out in zip(layers, buffers):
            product(layer, values, out)
            numpy.add(out, biases, out=out)
            if out is not buffers[-1]:
                numpy.tanh(out, out=out)
            values = out
        return values

    return run


VARIANTS = {
    "matmul, rows": rows,
    "matmul, columns": columns,
    "einsum": einsum,
    "matmul, rows, threads over halves": threaded(rows_of, 1 << 30),
    "matmul, rows, threads over blocks of 8": threaded(rows_of, 8),
    "matmul, columns, threads over halves": threaded(columns_of, 1 << 30),
    "matmul, columns, threads over blocks of 8": threaded(columns_of, 8),
    "matmul, columns, threads over blocks of 64": threaded(columns_of, 64),
}
