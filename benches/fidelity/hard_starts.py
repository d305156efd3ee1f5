#!/usr/bin/env python3
"""How much swingup-hard leaves to be had: from how many of its starts no brake can stop the cart.

The hard start has the cart anywhere on the track, at up to 10 m/s; its motor brakes at some 10 m/s^2.
This script draws 20,000 starts, brakes with all its force from the first step on, by EvoJAX's
dynamics, and tells the share of carts that come to rest on the track, and the mean return that a
controller would have whose pole stood upright from the first step on: that is about the most there
is, since a pole can only push a cart a little. Nothing of deme's is used.

    pip install numpy && python3 benches/fidelity/hard_starts.py
"""

import numpy as np

STARTS, STEPS = 20_000, 1000
GRAVITY, CART, POLE, LENGTH, FRICTION, FORCE, DT, TRACK = 9.82, 0.5, 0.5, 0.6, 0.1, 10.0, 0.01, 2.4


def main() -> None:
    half_widths = np.array([TRACK, 10.0, np.pi / 2, 10.0])
    draws = np.random.default_rng(1).uniform(-1, 1, (STARTS, 4)) * half_widths
    x, v, angle, turn = (draws + [0, 0, np.pi, 0]).T
    mass = CART + POLE
    on_track, rests, most = np.ones(STARTS, bool), np.zeros(STARTS, bool), np.zeros(STARTS)
    for _ in range(STEPS):
        force = -FORCE * np.sign(v)
        s, c = np.sin(angle), np.cos(angle)
        swing = POLE * LENGTH * turn**2 * s
        push = (-2 * swing + 3 * POLE * GRAVITY * s * c + 4 * force - 4 * FRICTION * v) / (
            4 * mass - 3 * POLE * c**2)
        twist = (-3 * swing * c + 6 * mass * GRAVITY * s + 6 * (force - FRICTION * v) * c) / (
            4 * LENGTH * mass - 3 * POLE * LENGTH * c**2)
        x, v, angle, turn = x + v * DT, v + push * DT, angle + turn * DT, turn + twist * DT
        # A step at full force changes the speed by some 0.15 m/s.
        rests |= on_track & (np.abs(v) < 0.15)
        # The reward of a pole that stands upright.
        most += on_track * np.cos(np.clip(x / TRACK, -1, 1) * np.pi / 2)
        on_track &= np.abs(x) <= TRACK
    print(f"{rests.mean():.1%} of {STARTS:,} carts come to rest on the track")
    # One at rest could go to the middle of the track: 1 a step.
    print(f"mean return of an upright pole: at most about {np.where(rests, STEPS, most).mean():.0f}")


if __name__ == "__main__":
    main()
