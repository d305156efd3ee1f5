"""Forward passes of a population in PyTorch, in inference mode. See `forward.py` for the work.

A variant takes the weights and biases of the layers, the samples and the number of threads. It
returns two functions: one that runs a repetition, and one that converts its outputs to
`[population, batch, outputs]`. *Rows* and *columns* are those of `forward_numpy.py`. *Graphs*
records the kernel launches of a repetition once and replays them, on the GPU.
"""

import torch

import peer

PACKAGES = ["torch"]


def rows(layers, samples):
    """Layers `[population, source, target]`, values `[population, batch, width]`."""
    values = samples.expand(len(layers[0][0]), *samples.shape)
    for weights, biases in layers[:-1]:
        values = torch.baddbmm(biases, values, weights).tanh_()
    weights, biases = layers[-1]
    return torch.baddbmm(biases, values, weights)


def columns(layers, samples):
    """Layers `[population, target, source]`, values `[population, width, batch]`."""
    weights, biases = layers[0]
    population, width, inputs = weights.shape
    values = torch.addmm(biases.reshape(-1, 1), weights.reshape(-1, inputs), samples)
    values = values.view(population, width, -1)
    for weights, biases in layers[1:]:
        values = torch.baddbmm(biases, weights, values.tanh_())
    return values


def einsum(layers, samples):
    """`einsum` of rows."""
    values, axes = samples, "bi"
    for number, (weights, biases) in enumerate(layers, start=1):
        values = torch.einsum(f"{axes},pio->pbo", values, weights).add_(biases)
        if number < len(layers):
            values = values.tanh_()
        axes = "pbi"
    return values


def vmapped(layers, samples):
    """One individual's network, mapped over the population by `torch.func`."""

    def one(layers, samples):
        values = samples
        for number, (weights, biases) in enumerate(layers, start=1):
            values = torch.addmm(biases, values, weights)
            if number < len(layers):
                values = torch.tanh(values)
        return values

    return torch.func.vmap(one, in_dims=(0, None))(layers, samples)


def pure_rows(layers, samples):
    """Rows without in-place operations, which the compiler can fuse."""
    values = samples
    for number, (weights, biases) in enumerate(layers, start=1):
        values = torch.matmul(values, weights) + biases
        if number < len(layers):
            values = torch.tanh(values)
    return values


def pure_columns(layers, samples):
    """Columns without in-place operations, which the compiler can fuse."""
    weights, biases = layers[0]
    population, width, inputs = weights.shape
    values = (weights.reshape(-1, inputs) @ samples).view(population, width, -1) + biases
    for weights, biases in layers[1:]:
        values = torch.bmm(weights, torch.tanh(values)) + biases
    return values


def products(layers, samples):
    """Sums of products without a matrix product, for very small batches."""
    values = samples[None]
    for number, (weights, biases) in enumerate(layers, start=1):
        values = (values[..., None] * weights[:, None]).sum(-2) + biases
        if number < len(layers):
            values = torch.tanh(values)
    return values


def variant(function, turned=False, compiled=False, graphs=False, batch_limit=None):
    """A variant that computes with `function`; `turned` is for functions of columns."""

    def build(weights, samples, threads):
        gpu = peer.device == "gpu"
        if batch_limit is not None and len(samples) > batch_limit:
            raise peer.Unfit
        if graphs and not gpu:
            raise peer.Unfit
        if not gpu:
            torch.set_num_threads(threads)

        def placed(array):
            return torch.from_numpy(array).to("cuda" if gpu else "cpu")

        layers, inputs = [], placed(samples)
        for layer, biases in weights:
            layer, biases = placed(layer), placed(biases)[:, None, :]
            if turned:
                layer, biases = layer.transpose(1, 2).contiguous(), biases.transpose(1, 2)
            layers.append((layer, biases))
        if turned:
            inputs = inputs.T.contiguous()
        mode = "reduce-overhead" if graphs else None
        ready = torch.compile(function, dynamic=False, mode=mode) if compiled else function

        def run():
            with torch.inference_mode():
                outputs = ready(layers, inputs)
            if gpu:
                torch.cuda.synchronize()
            return outputs

        def arrange(outputs):
            return (outputs.transpose(1, 2) if turned else outputs).cpu().numpy()

        return run, arrange

    return build


VARIANTS = {
    "baddbmm, rows": variant(rows),
    "baddbmm, columns": variant(columns, turned=True),
    "einsum": variant(einsum),
    "vmap": variant(vmapped),
    "compiled rows": variant(pure_rows, compiled=True),
    "compiled columns": variant(pure_columns, turned=True, compiled=True),
    "compiled columns, graphs": variant(pure_columns, turned=True, compiled=True, graphs=True),
    "compiled products": variant(products, compiled=True, batch_limit=8),
}
