"""A generation without scoring, the work of `deme bench generation`, in evosax and JAX.

A generation of OpenAI-ES asks for a population of mirrored pairs, `[population, parameters]`, and
tells the strategy the fitness, from which it computes centred ranks, a gradient and a step of the
centre. The fitness is given, as it is for `deme`. The strategy is evosax's `Open_ES` with its
defaults: it takes plain gradient steps, which cost less than the Adam steps of `deme`.

A repetition ends when the population and every part of the state exist. Metrics, which `deme` does
not compute, are not returned, so that XLA can leave them out.

*Calls*: ask and tell are two jitted functions. *Fused*: they are one function, which also returns
the population. *Donated*: the new state may use the memory of the old one. *Reused*: so may the
population, which avoids allocating fresh memory. *Paired*: JAX's generator uses both words of a
block (`jax_threefry_partitionable` off). *Split*: each thread has a device of its own with a part
of the parameters.

The `unsafe_rbg` generator was slower wherever it was tried, and is left out.

The script checks that pairs mirror each other, that the noise has mean 0 and standard deviation 1,
and that the centre moves along the gradient that NumPy computes from the population in `float64`.
"""

import peer

# The largest error of the centre's step, relative to its length. The gradient is a sum over
# thousands of individuals in `float32`.
LIMIT = 1e-3


def main() -> None:
    parser = peer.arguments(__doc__, ["evosax"])
    parser.add_argument("--strategy", choices=["openai-es"], default="openai-es")
    parser.add_argument("--parameters", type=int, default=10_000)
    parser.add_argument("--population", type=int, default=4096)
    flags = parser.parse_args()
    peer.use(flags)

    import generation_evosax

    work = generation_evosax.Work(flags.parameters, flags.population, flags.threads)

    def checked(build):
        return lambda: (build(), lambda outputs: check(work, *outputs))

    variants = [peer.Variant(name, checked(build)) for name, build in work.variants().items()]
    known = {
        "subject": "generation",
        "parameters": flags.parameters,
        "population": flags.population,
        "backend": flags.library,
        "bytes": 4 * flags.parameters * flags.population,
    }
    peer.answer(flags, known, variants, generation_evosax.PACKAGES)


def check(work, population, after) -> None:
    """Checks the first generation, which starts from a centre of zeros."""
    import numpy

    if population.shape != (work.population, work.parameters):
        raise peer.Wrong(f"the population is {population.shape}")
    half = work.population // 2
    # A thousand genes of each individual are enough for the check.
    genes = slice(0, 1000)
    noise = numpy.asarray(population[:, genes]).astype(numpy.float64)
    if not numpy.allclose(noise[:half], -noise[half:], atol=1e-5):
        raise peer.Wrong("pairs do not mirror each other")
    mean, deviation = noise[:half].mean(), noise[:half].std()
    error = 1 / numpy.sqrt(noise[:half].size)
    if not (abs(mean) < 6 * error and abs(deviation - 1) < 6 * error):
        raise peer.Wrong(f"noise has mean {mean:.4f} and deviation {deviation:.4f}")
    # The fitness has no ties, so sorting gives the ranks.
    ranks = numpy.argsort(numpy.argsort(work.fitness)) / (work.population - 1) - 0.5
    step = -work.rate * (ranks @ noise) / work.population
    moved = numpy.asarray(after)[genes]
    worst = abs(moved - step).max() / abs(step).max()
    if not worst <= LIMIT:
        raise peer.Wrong(f"the centre's step differs from float64 by {worst:.1e} of its length")


if __name__ == "__main__":
    main()
