"""Forward passes of a population in JAX, jitted. See `forward.py` for the work.

A variant takes the weights and biases of the layers, the samples and the number of threads. It
returns two functions: one that runs a repetition, and one that converts its outputs to
`[population, batch, outputs]`. *Rows* and *columns* are those of `forward_numpy.py`. *Split* puts a
part of the population on a device of its own for each thread.
"""

import jax
import jax.numpy as jnp
import numpy
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import peer

PACKAGES = ["jax", "jaxlib"]


def vmapped(layers, samples):
    """One individual's network, mapped over the population."""

    def one(layers):
        values = samples
        for number, (weights, biases) in enumerate(layers, start=1):
            values = values @ weights + biases[0]
            if number < len(layers):
                values = jnp.tanh(values)
        return values

    return jax.vmap(one)(layers)


def rows(layers, samples):
    """Layers `[population, source, target]`, values `[population, batch, width]`."""
    values = jnp.broadcast_to(samples, (len(layers[0][0]), *samples.shape))
    for number, (weights, biases) in enumerate(layers, start=1):
        values = values @ weights + biases
        if number < len(layers):
            values = jnp.tanh(values)
    return values


def columns(layers, samples):
    """Layers `[population, target, source]`, values `[population, width, batch]`."""
    weights, biases = layers[0]
    population, width, inputs = weights.shape
    values = (weights.reshape(-1, inputs) @ samples).reshape(population, width, -1) + biases
    for weights, biases in layers[1:]:
        values = weights @ jnp.tanh(values) + biases
    return values


def einsum(layers, samples):
    """`einsum` of rows."""
    values, axes = samples, "bi"
    for number, (weights, biases) in enumerate(layers, start=1):
        values = jnp.einsum(f"{axes},pio->pbo", values, weights) + biases
        if number < len(layers):
            values = jnp.tanh(values)
        axes = "pbi"
    return values


def products(layers, samples):
    """Sums of products without a matrix product, which XLA can fuse."""
    values = samples[None]
    for number, (weights, biases) in enumerate(layers, start=1):
        values = (values[..., None] * weights[:, None]).sum(-2) + biases
        if number < len(layers):
            values = jnp.tanh(values)
    return values


def looped(layers, samples):
    """Rows, one individual after the other."""

    def one(layers):
        values = samples
        for number, (weights, biases) in enumerate(layers, start=1):
            values = values @ weights + biases
            if number < len(layers):
                values = jnp.tanh(values)
        return values

    return jax.lax.map(one, layers)


def variant(function, turned=False, split=False, batch_limit=None):
    """A variant that computes with `function`; `turned` is for functions of columns."""

    def build(weights, samples, threads):
        if batch_limit is not None and len(samples) > batch_limit:
            raise peer.Unfit
        if split and threads == 1:
            raise peer.Unfit
        axes = (0, 2, 1) if turned else (0, 1, 2)
        if peer.device == "gpu":
            # The GPU transposes the weights, because the host does so slowly.
            weights, samples = jax.device_put((weights, samples))
        layers = [(w.transpose(axes), b[:, None, :].transpose(axes)) for w, b in weights]
        inputs = samples.T if turned else samples
        ready = jax.jit(function)
        if split:
            mesh = jax.make_mesh((threads,), ("population",), axis_types=(AxisType.Auto,))
            by_population = PartitionSpec("population")
            ready = jax.jit(jax.shard_map(function, mesh=mesh, out_specs=by_population,
                                          in_specs=(by_population, PartitionSpec())))
            layers = jax.device_put(layers, NamedSharding(mesh, by_population))
            inputs = jax.device_put(inputs, NamedSharding(mesh, PartitionSpec()))
        else:
            layers, inputs = jax.device_put((layers, inputs))

        def run():
            return jax.block_until_ready(ready(layers, inputs))

        def arrange(outputs):
            return numpy.asarray(outputs).transpose(axes)

        return run, arrange

    return build


VARIANTS = {
    "vmap": variant(vmapped),
    "matmul, rows": variant(rows),
    "matmul, columns": variant(columns, turned=True),
    "einsum": variant(einsum),
    "map": variant(looped),
    "products": variant(products, batch_limit=8),
    "split, vmap": variant(vmapped, split=True),
    "split, matmul, columns": variant(columns, turned=True, split=True),
    "split, map": variant(looped, split=True),
    "split, products": variant(products, split=True, batch_limit=8),
}
