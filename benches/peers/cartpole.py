"""CartPole-v1 rollouts of a whole population, the work of `deme bench cartpole`, in gymnax and JAX.

Every individual has its own network: 4 inputs, tanh hidden layers and 2 linear outputs, the larger
of which is the action. It takes exactly `steps` steps. gymnax restarts an episode that has ended,
so every counted step is a real one.

The compiler would remove a rollout whose results are not used. A repetition therefore returns, per
individual, the sum of its rewards, the number of ended episodes and the last state, as `deme` does.
The variant *trajectories* returns all rewards, ends and observations.

The script checks that every step of every individual was a real one (gymnax gives a reward of 1 if
the episode had not ended before the step, else 0), that episodes ended and restarted, that no
episode was longer than 500 steps, and that every variant agrees with the plain one.
"""

import peer

# The largest relative difference of the number of ended episodes from that of the plain variant.
# Another order of summation changes the last bits, and CartPole amplifies them.
LIMIT = 0.02
EPISODE_STEPS = 500
# The number of individuals whose steps are checked at once. A large population takes several
# passes.
CHECKED_AT_ONCE = 16384


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
            raise peer.Wrong(f"{int(ends.sum())} episodes ended, but {ended} in the plain variant")

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
    """The number of episodes that end in the plain variant, after a check of every step."""
    return sum(
        check_part(work, slice(at, at + CHECKED_AT_ONCE))
        for at in range(0, work.population, CHECKED_AT_ONCE)
    )


def check_part(work, part: slice) -> int:
    import numpy

    rewards, ends, observations = (numpy.asarray(each) for each in work.plain(part))
    if not (rewards == 1).all():
        raise SystemExit(f"{(rewards != 1).sum()} of {rewards.size} steps were not real ones")
    # An end is followed by a start, with all four numbers within 0.05. After any other step the
    # cart is still on the track and the pole has not fallen.
    starts = abs(observations[ends]).max(initial=0)
    if not starts <= 0.05:
        raise SystemExit(f"an episode starts at {starts}, which is more than 0.05")
    beyond = abs(observations[..., [0, 2]]) > [2.4, 12 * numpy.pi / 180]
    if beyond.any():
        raise SystemExit(f"{beyond.sum()} steps start in a state that ends an episode")
    if work.steps >= EPISODE_STEPS and not ends.any(axis=0).all():
        raise SystemExit(f"an individual's episode is longer than {EPISODE_STEPS} steps")
    return int(ends.sum())


if __name__ == "__main__":
    main()
