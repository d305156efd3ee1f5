"""CartPole-v1 rollouts of a whole population: the work of `deme bench cartpole`, by gymnax and JAX.

Every individual has a network of its own, 4 inputs, tanh hidden layers, 2 linear outputs, the
action being the larger one, and plays exactly `steps` live steps: gymnax's own step restarts an
episode that has ended, so that every counted step is real.

A rollout whose results nobody uses would be removed by the compiler. A repetition therefore
returns, per individual, the sum of its rewards, the number of episodes that ended and the last
state, which is what `deme` keeps; *trajectories* returns all rewards, ends and observations.

Checked: every step of every individual was live (gymnax rewards a step with 1 if the state before
it had not ended, else 0), episodes did end and start again, no episode was longer than 500 steps,
and every variant tells the same story as the plain one.
"""

import peer

# Of the ended episodes, summed over the population, relative to those of the plain variant: other
# orders of summation make other last bits, and in CartPole these grow.
LIMIT = 0.02
EPISODE_STEPS = 500
# Individuals whose every step is looked at in one go; a large population takes several.
LOOKED_AT = 16384


def main() -> None:
    parser = peer.arguments(__doc__, ["gymnax"])
    parser.add_argument("--network", default="16-16", help="hidden layers")
    parser.add_argument("--population", type=int, default=256)
    parser.add_argument("--steps", type=int, default=EPISODE_STEPS)
    flags = parser.parse_args()
    layers = [4, *peer.widths(flags.network), 2]
    peer.use(flags)

    import cartpole_gymnax

    work = cartpole_gymnax.Work(layers, flags.population, flags.steps, flags.threads)
    ended = check_plain(work)

    def check(outputs) -> None:
        rewards, ends = cartpole_gymnax.totals(outputs)
        check_live(rewards, flags)
        difference = abs(int(ends.sum()) - ended) / max(ended, 1)
        if not difference <= LIMIT:
            raise peer.Wrong(f"{int(ends.sum())} episodes ended, {ended} do in the plain variant")

    def checked(build):
        return lambda: (build(), check)

    variants = [peer.Variant(name, checked(build)) for name, build in work.variants().items()]
    parameters = peer.parameters(layers)
    known = {
        "subject": "cartpole",
        "network": flags.network,
        "parameters": parameters,
        "population": flags.population,
        "steps": flags.steps,
        "backend": flags.library,
        "operations": 2 * parameters * flags.population * flags.steps,
        "bytes": 4 * parameters * flags.population,
    }
    peer.answer(flags, known, variants, cartpole_gymnax.PACKAGES)


def check_live(rewards, flags) -> None:
    if not (rewards == flags.steps).all():
        raise peer.Wrong(f"rewards are {rewards.min()} to {rewards.max()}, not all {flags.steps}")


def check_plain(work) -> int:
    """How many episodes end in the plain variant, after a look at every single step of it."""
    return sum(
        check_part(work, slice(at, at + LOOKED_AT)) for at in range(0, work.population, LOOKED_AT)
    )


def check_part(work, part: slice) -> int:
    import numpy

    rewards, ends, observations = (numpy.asarray(each) for each in work.plain(part))
    if not (rewards == 1).all():
        raise SystemExit(f"{(rewards != 1).sum()} of {rewards.size} steps were not live")
    # What follows an end is a start: all four numbers within 0.05. What follows another step has
    # not left the track, nor has the pole fallen.
    starts = abs(observations[ends]).max(initial=0)
    if not starts <= 0.05:
        raise SystemExit(f"an episode starts {starts} from the middle")
    beyond = abs(observations[..., [0, 2]]) > [2.4, 12 * numpy.pi / 180]
    if beyond.any():
        raise SystemExit(f"{beyond.sum()} steps start where an episode is over")
    if work.steps >= EPISODE_STEPS and not ends.any(axis=0).all():
        raise SystemExit(f"an individual's episode is longer than {EPISODE_STEPS} steps")
    return int(ends.sum())


if __name__ == "__main__":
    main()
