"""Generations of OpenAI-ES in evosax, jitted. See `generation.py` for the work."""

import functools

import jax
import jax.numpy as jnp
import numpy
from evosax.algorithms import Open_ES
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import peer

PACKAGES = ["evosax", "jax", "jaxlib"]


class Work:
    """The strategy, its fitness, and the variants that run a generation."""

    # The default of `Open_ES`: plain gradient descent.
    rate = 1e-3

    def __init__(self, parameters: int, population: int, threads: int):
        self.parameters, self.population, self.threads = parameters, population, threads
        self.strategy = Open_ES(population_size=population, solution=jnp.zeros(parameters))
        self.settings = self.strategy.default_params
        # The fitness is that of `deme bench`.
        self.fitness = numpy.sin(numpy.arange(population, dtype=numpy.float32) * numpy.float32(0.7))

    def variants(self):
        """The functions that build a repetition, by name."""
        build = functools.partial(functools.partial, self.build)
        return {
            "calls, donated": build(fused=False, donated=True),
            "calls, donated, paired": build(fused=False, donated=True, paired=True),
            "fused": build(),
            "fused, donated": build(donated=True),
            "fused, donated, paired": build(donated=True, paired=True),
            "fused, reused": build(donated=True, reused=True),
            "fused, reused, paired": build(donated=True, reused=True, paired=True),
            "fused, reused, split": build(donated=True, reused=True, split=True),
        }

    def build(self, fused=True, donated=False, reused=False, paired=False, split=False):
        """Builds a repetition, which returns the population and the centre after it.

        The first repetition starts from a centre of zeros.
        """
        if split and (self.threads == 1 or self.parameters % self.threads):
            raise peer.Unfit
        strategy, settings, genes = self.strategy, self.settings, self.parameters
        key = jax.random.key(1)
        state = strategy.init(key, jnp.zeros(genes), settings)
        fitness = jnp.asarray(self.fitness)
        population = jnp.zeros((self.population, genes)) if reused else None

        if split:
            mesh = jax.make_mesh((self.threads,), ("genes",), axis_types=(AxisType.Auto,))

            def place(leaf):
                shape = jnp.shape(leaf)
                axes = [None] * (len(shape) - 1) + ["genes"] if shape[-1:] == (genes,) else []
                return NamedSharding(mesh, PartitionSpec(*axes))

            everything = (key, state, fitness, population)
            placed = jax.device_put(everything, jax.tree.map(place, everything))
            key, state, fitness, population = placed

        def ask(key, state):
            key, now = jax.random.split(key)
            asked, state = strategy.ask(now, state, settings)
            if split:
                asked = jax.lax.with_sharding_constraint(asked, place(asked))
            return key, asked, state

        # The fitness is an argument, because the compiler would rank a constant only once.
        def tell(key, population, fitness, state):
            return strategy.tell(key, population, fitness, state, settings)[0]

        def generation(key, state, fitness, reusable):
            # The last population is not read. Its memory is used for the next one.
            key, population, state = ask(key, state)
            return key, population, tell(key, population, fitness, state)

        if fused:
            arguments = (0, 1) if donated else ()
            arguments = (*arguments, 3) if reused else arguments
            generation = jax.jit(generation, donate_argnums=arguments, keep_unused=True)
        else:
            ask = jax.jit(ask, donate_argnums=(0, 1) if donated else ())
            tell = jax.jit(tell, donate_argnums=3 if donated else ())
        last = (key, state, population)

        def run():
            nonlocal last
            key, state, reusable = last if reused else (*last[:2], None)
            # A population that is not reused is dropped here, which frees its memory.
            last = None
            with jax.threefry_partitionable(not paired):
                done = generation(key, state, fitness, reusable)
                key, population, state = jax.block_until_ready(done)
            last = (key, state, population)
            return population, state.mean

        return run
