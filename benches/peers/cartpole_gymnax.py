"""CartPole-v1 rollouts by gymnax's own environment, jitted; see `cartpole.py` for the work.

The policy and gymnax's step are mapped over the population, and a scan runs over the steps.

*Own starts*: every individual has a random key of its own, as in gymnax's examples. *Shared
starts*: one key serves all individuals in a step, as `deme` lets all individuals meet the same
episodes; it saves most of the work for random numbers. *Split*: each thread has a device of its own
with a share of the population. *Chain*: a layer is a chain of multiply-adds that XLA fuses, not a
matrix product that it calls. *Trajectories*: every reward, end and observation is returned.

Slower wherever it was tried, and left out: more than one step in a turn of the scan (`unroll`), the
population in the last axis, and the `unsafe_rbg` generator.
"""

import gymnax
import jax
import jax.numpy as jnp
import numpy
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import peer

PACKAGES = ["gymnax", "jax", "jaxlib"]


class Work:
    """The networks of a population, and the variants that roll them out.

    Layers are `[population, source, target]` and `[population, target]`.
    """

    def __init__(self, widths: list[int], population: int, steps: int, threads: int):
        random = numpy.random.default_rng(1)

        def normals(*shape: int) -> numpy.ndarray:
            # The scale of the genomes that `deme bench` times.
            return numpy.float32(0.5) * random.standard_normal(shape, dtype=numpy.float32)

        self.layers = [
            (normals(population, source, target), normals(population, target))
            for source, target in zip(widths, widths[1:])
        ]
        self.population, self.steps, self.threads = population, steps, threads
        self.environment, self.settings = gymnax.make("CartPole-v1")

    def rollout(self, layer, shared: bool, trajectories: bool):
        """A function of layers and keys, `[population]`, that rolls a population out.

        It returns, per individual, the sum of rewards, the ended episodes and the last state; or
        rewards `[steps, population]`, ends, and the observations `[steps, population, 4]` that
        follow them.
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
            # The larger of two; `argmax` says the same, slower.
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
            carried, followed = jax.lax.scan(turn, start, length=self.steps)
            _, states, _, total, ended = carried
            return followed if trajectories else (total, ended, states)

        return rollout

    def plain(self):
        """The trajectories of own starts, of the whole population, in order."""
        keys = jax.random.split(jax.random.key(1), self.population)
        return jax.jit(self.rollout(product, shared=False, trajectories=True))(self.layers, keys)

    def variants(self):
        """Functions that build a repetition, by name."""

        def variant(layer, shared=False, split=False, trajectories=False):
            rollout = self.rollout(layer, shared, trajectories)
            return lambda: self.build(rollout, split, trajectories)

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
            # The check would want every constant of gymnax's states declared as shared.
            rollout = jax.shard_map(rollout, mesh=mesh, in_specs=by_population, out_specs=ends,
                                    check_vma=False)
            layers, keys = jax.device_put((layers, keys), NamedSharding(mesh, by_population))
        else:
            layers, keys = jax.device_put((layers, keys))
        ready = jax.jit(rollout)
        return lambda: jax.block_until_ready(ready(layers, keys))


def totals(outputs):
    """Sums of rewards and ended episodes, `[population]`, of either kind of outputs."""
    rewards, ends = (numpy.asarray(each) for each in outputs[:2])
    return (rewards, ends) if rewards.ndim == 1 else (rewards.sum(0), ends.sum(0))


def product(weights, values):
    return values @ weights


def chain(weights, values):
    total = weights[0] * values[0]
    for source in range(1, len(weights)):
        total += weights[source] * values[source]
    return total
