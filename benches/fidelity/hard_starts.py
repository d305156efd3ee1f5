#!/usr/bin/env python3
"""Estimates the highest return that any controller can reach on swingup-hard.

A hard start has the cart anywhere on the track, at up to 10 m/s, and the motor brakes at about 10
m/s^2, so some carts leave the track whatever the controller does. This script draws 20,000 starts
and brakes with full force from the first step on, by EvoJAX's dynamics. It prints the fraction of
carts that stop on the track, and the mean return of a pole that is upright from the first step on.
That return is close to the maximum, because a pole can push a cart only a little. The script uses
no code of deme.

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
        # A step at full force changes the speed by about 0.15 m/s.
        rests |= on_track & (np.abs(v) < 0.15)
        # The reward of an upright pole.
        most += on_track * np.cos(np.clip(x / TRACK, -1, 1) * np.pi / 2)
        on_track &= np.abs(x) <= TRACK
    print(f"{rests.mean():.1%} of {STARTS:,} carts come to rest on the track")
    # A cart that has stopped can go to the middle of the track, where the reward is 1 per step.
    mean = np.where(rests, STEPS, most).mean()
    print(f"mean return of an upright pole: at most about {mean:.0f}")


if __name__ == "__main__":
    main()
