"""CartPole-v1 rollouts in gymnax's own environment, jitted. See `cartpole.py` for the work.

The policy and gymnax's step are mapped over the population, and a scan runs over the steps.

*Own starts*: every individual has its own random key, as in gymnax's examples. *Shared starts*: all
individuals share one key per step, as all individuals of `deme` play the same episodes. This saves
most of the random numbers. *Split*: each thread has a device of its own with a part of the
population. *Chain*: a layer is a chain of multiply-adds that XLA fuses, instead of a matrix
product. *Trajectories*: every reward, end and observation is returned. *Unrolled*: an iteration of
the scan takes several steps.

On the CPU three variants were slower wherever they were tried, and are left out: several steps per
iteration, the population in the last axis, and the `unsafe_rbg` generator. On the GPU an iteration
is a kernel launch, so one step and several steps per iteration are both tried.
"""

import functools

import gymnax
import jax
import jax.numpy as jnp
import numpy
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import peer

PACKAGES = ["gymnax", "jax", "jaxlib"]
# The steps per iteration of an unrolled scan.
UNROLLED = 10
# The width of the widest layer for which a chain is also unrolled.
CHAIN_WIDEST = 32


class Work:
    """The networks of a population, and the variants that roll them out.

    Layers are `[population, source, target]` and `[population, target]`.
    """

    def __init__(self, widths: list[int], population: int, steps: int, threads: int):
        random = numpy.random.default_rng(1)

        def normals(*shape: int) -> numpy.ndarray:
            # The scale is that of the genomes of `deme bench`.
            return numpy.float32(0.5) * random.standard_normal(shape, dtype=numpy.float32)

        self.layers = [
            (normals(population, source, target), normals(population, target))
            for source, target in zip(widths, widths[1:])
        ]
        self.widths = widths
        self.population, self.steps, self.threads = population, steps, threads
        self.environment, self.settings = gymnax.make("CartPole-v1")

    def rollout(self, layer, shared: bool, trajectories: bool, turn_steps: int = 1):
        """Builds a function of layers and keys, `[population]`, that rolls out a population.

        The function returns, per individual, the sum of rewards, the number of ended episodes and
        the last state. With `trajectories` it returns rewards `[steps, population]`, ends, and the
        observations after each step, `[steps, population, 4]`.
        """
        keys_axis = None if shared else 0
        reset = jax.vmap(self.environment.reset, in_axes=(0, None))
        step = jax.vmap(self.environment.step, in_axes=(keys_axis, 0, 0, None))

        def split(keys):
            if shared:
                return tuple(jax.random.split(keys))
            pairs = jax.vmap(jax.random.split)(keys)
            return pairs[:, 0], pairs[:, 1]

        def action(layers, values):
            for number, (weights, biases) in enumerate(layers, start=1):
                values = layer(weights, values) + biases
                if number < len(layers):
                    values = jnp.tanh(values)
            # The index of the larger output. `argmax` gives the same result, but is slower.
            return (values[1] > values[0]).astype(jnp.int32)

        def rollout(layers, keys):
            population = len(keys)
            observations, states = reset(keys, self.settings)
            keys = keys[0] if shared else keys

            def turn(carried, _):
                observations, states, keys, total, ended = carried
                keys, now = split(keys)
                actions = jax.vmap(action)(layers, observations)
                observations, states, rewards, terminated, truncated, _ = step(
                    now, states, actions, self.settings
                )
                ends = terminated | truncated
                carried = (observations, states, keys, total + rewards, ended + ends)
                return carried, (rewards, ends, observations) if trajectories else None

            nothing = (jnp.zeros(population), jnp.zeros(population, jnp.int32))
            start = (observations, states, keys, *nothing)
            carried, followed = jax.lax.scan(turn, start, length=self.steps, unroll=turn_steps)
            _, states, _, total, ended = carried
            return followed if trajectories else (total, ended, states)

        return rollout

    @functools.cached_property
    def jitted_plain(self):
        return jax.jit(self.rollout(product, shared=False, trajectories=True))

    def plain(self, part: slice):
        """The trajectories of a part of the population, with own starts, in order."""
        keys = jax.random.split(jax.random.key(1), self.population)
        layers = [(weights[part], biases[part]) for weights, biases in self.layers]
        return self.jitted_plain(layers, keys[part])

    def variants(self):
        """The functions that build a repetition, by name."""

        def variant(layer, shared=False, split=False, trajectories=False, turn_steps=1):
            rollout = self.rollout(layer, shared, trajectories, turn_steps)
            return lambda: self.build(rollout, split, trajectories)

        if peer.device == "gpu":
            unrolled = {"shared": True, "turn_steps": UNROLLED}
            tried = {
                "shared starts": variant(product, shared=True),
                "shared starts, chain": variant(chain, shared=True),
                "own starts": variant(product),
                "shared starts, unrolled": variant(product, **unrolled),
                "own starts, chain": variant(chain),
            }
            # XLA takes very long to compile an iteration with thousands of operations.
            if max(self.widths) <= CHAIN_WIDEST:
                tried["shared starts, chain, unrolled"] = variant(chain, **unrolled)
            return tried
        return {
            "own starts": variant(product),
            "shared starts": variant(product, shared=True),
            "split, own starts": variant(product, split=True),
            "split, shared starts": variant(product, shared=True, split=True),
            "split, shared starts, chain": variant(chain, shared=True, split=True),
            "split, shared starts, trajectories": variant(
                product, shared=True, split=True, trajectories=True
            ),
        }

    def build(self, rollout, split: bool, trajectories: bool):
        keys = jax.random.split(jax.random.key(1), self.population)
        layers = self.layers
        if split and (self.threads == 1 or self.population % self.threads):
            raise peer.Unfit
        if split:
            mesh = jax.make_mesh((self.threads,), ("population",), axis_types=(AxisType.Auto,))
            by_population = PartitionSpec("population")
            ends = PartitionSpec(None, "population") if trajectories else by_population
            # The check would require every constant of gymnax's states to be declared as shared.
            rollout = jax.shard_map(rollout, mesh=mesh, in_specs=by_population, out_specs=ends,
                                    check_vma=False)
            layers, keys = jax.device_put((layers, keys), NamedSharding(mesh, by_population))
        else:
            layers, keys = jax.device_put((layers, keys))
        ready = jax.jit(rollout)
        return lambda: jax.block_until_ready(ready(layers, keys))


def totals(outputs):
    """The sums of rewards and the ended episodes, `[population]`, from either kind of outputs."""
    rewards, ends = (numpy.asarray(each) for each in outputs[:2])
    return (rewards, ends) if rewards.ndim == 1 else (rewards.sum(0), ends.sum(0))


def product(weights, values):
    return values @ weights


def chain(weights, values):
    total = weights[0] * values[0]
    for source in range(1, len(weights)):
        total += weights[source] * values[source]
    return total
