"""The verdict of a slope test: is what was measured along a ray explained by the gradient, by a kink, or by neither?

A `Ray` is f(x + eps d) - f(x) over eps. From its steps `looked` takes the two errors, their slopes, and what is missing
of the derivative as eps -> 0. Right code must never be accused, so `judged` rules out all else first:

    a kink that is known            the steps are halved until none crosses it; if that leaves only tiny ones, other
                                    directions are tried
    a kink or bend that is not      the same ray is looked at with far smaller steps: a fault stays as it is
    a point that lies on a kink     the other side's derivative is a right answer as well, and all between the two

A fault below FLOOR of the derivative is not told from rounding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nn_core.derivatives.limits import fitted_slope, limit_at_zero, nearest

NOISE = 200 * np.finfo(np.float64).eps  # errors below this share of the values are rounding
CLEAR = 1e4  # times the noise: steps of the function so large have digits enough to tell a bend from rounding
SPREAD = 20  # times by which f moves when its inputs move by their last digit: rounding inside f
FLOOR = 1e-7  # the share of the derivative that must be missing for a fault
UNSURE = 1e-2  # the share of the derivative that may be in doubt before nothing can be said
RIGHT = 1.75  # the least slope of a right gradient: half-way would be 1.5
CLOSER = (14, 6, 0)  # halvings of the steps with which an accusation is looked at again, the closest look first
FARTHEST = 12  # halvings that leave enough of a plot; beyond, other directions are tried
CLEARLY = 10  # times the doubt by which the derivatives of two sides differ
MOST = 30  # halvings
DIRECTIONS = 8  # that are tried

Trace = Callable[[np.ndarray], tuple[Any, np.ndarray]]  # what f is, and on which sides of its kinks


class Place:
    """A function at the point that is tested: its value there, and the sides of its kinks that the point lies on."""

    def __init__(self, trace: Trace, point: np.ndarray):
        self.trace, self.point = trace, point

    @cached_property
    def start(self) -> np.ndarray:
        """f at the point."""
        return np.asarray(self._there[0])

    @cached_property
    def sides(self) -> np.ndarray:
        """On which side of each kink."""
        return self._there[1]

    @cached_property
    def rounding(self) -> float:
        """By how much f moves when the numbers of the point move by their last digits."""
        last = np.finfo(np.float64).eps * np.array([1, -1, 2, -2])
        return max(float(np.linalg.norm(self.trace(self.point * (1 + by))[0] - self.start)) for by in last)

    @cached_property
    def _there(self):
        return self.trace(self.point)


@dataclass(frozen=True)
class Sides:
    """The point that is tested, with what lies on a kink held to the side that its own derivative takes.

    others: held to other sides, whose derivatives are right answers as well. free: with nothing held; None where
    nothing is.
    """

    own: Place
    others: tuple[Place, ...] = ()
    free: Place | None = None

    def rays(self, direction: np.ndarray) -> list["Ray"]:
        """The ray to test, and those that are right as well."""
        others = [Ray(place, direction) for place in self.others]
        return [Ray(self.own, direction), *others, Ray(self.own, direction, back=True)]

    def matters(self, ray: "Ray", eps: float) -> bool:
        """Whether a step from the point shows the kink that it lies on."""
        if self.free is None:
            return False
        freely, held = Ray(self.free, ray.direction).at(eps)[0], ray.at(eps)[0]
        return bool(np.linalg.norm(freely - held) > NOISE * (np.linalg.norm(self.own.start) + np.linalg.norm(held)))


class Ray:
    """f(point + eps * direction) - f(point), each eps once. back: f(point) - f(point - eps * direction) instead."""

    def __init__(self, place: Place, direction: np.ndarray, back: bool = False):
        self.place, self.direction, self.side = place, direction, -1 if back else 1
        self.known = {}

    def at(self, eps: float) -> tuple[np.ndarray, int]:
        """The change, and how many kinks lie between."""
        if eps not in self.known:
            value, sides = self.place.trace(self.place.point + self.side * eps * self.direction)
            change = self.side * (np.asarray(value) - self.place.start)
            self.known[eps] = change, int((sides != self.place.sides).sum())
        return self.known[eps]

    def halvings(self, epsilons: np.ndarray) -> int:
        """How often the steps must be halved for none to cross a kink."""
        falling = np.sort(epsilons)[::-1]
        return next((k for k in range(MOST) if not any(self.at(eps)[1] for eps in falling * 0.5**k)), MOST)


class Between:
    """Where the derivatives of several rays differ: a mixture of them, number by number, that has this derivative."""

    def __init__(self, rays: Sequence[Ray], derivatives: Sequence[np.ndarray], slope: np.ndarray):
        self.rays, self.place = rays, rays[0].place
        all_of_them = np.stack(derivatives)
        self.low, self.high = all_of_them.argmin(axis=0), all_of_them.argmax(axis=0)
        low, high = all_of_them.min(axis=0), all_of_them.max(axis=0)
        self.share = np.clip((slope - low) / np.where(high > low, high - low, 1), 0, 1)

    def at(self, eps: float) -> tuple[np.ndarray, int]:
        """As for a ray."""
        steps = np.stack([ray.at(eps)[0] for ray in self.rays])
        low, high = (np.take_along_axis(steps, which[None], axis=0)[0] for which in (self.low, self.high))
        return (1 - self.share) * low + self.share * high, 0

    def halvings(self, epsilons: np.ndarray) -> int:
        """As for a ray."""
        return max(ray.halvings(epsilons) for ray in self.rays)


@dataclass(frozen=True)
class Look:
    """What the steps of one ray show; `kinks` that the first steps crossed before they were halved so often."""

    epsilons: np.ndarray
    zero: np.ndarray
    first: np.ndarray
    zero_slope: float
    first_slope: float
    missing: float
    doubt: float
    derivative: float
    limit: np.ndarray
    verdict: str
    halvings: int = 0
    kinks: int = 0
    on_kink: bool = False

    @property
    def passes(self) -> bool:
        """Whether the gradient explains what was measured."""
        return self.verdict in ("right", "linear")


def looked(ray: Ray | Between, epsilons: np.ndarray, slope: np.ndarray, **about) -> Look:
    """The errors along a ray at these steps, and what they say of a derivative that is claimed to be `slope`."""
    steps = np.stack([ray.at(eps)[0] for eps in epsilons])
    left = np.stack([step - eps * slope for step, eps in zip(steps, epsilons, strict=True)])
    zero, first = (np.linalg.norm(errors.reshape(len(epsilons), -1), axis=1) for errors in (steps, left))
    if not np.isfinite(first).all():
        raise ValueError(f"The function is not finite within {epsilons.max():g} of the point; choose another point.")
    noise = np.maximum(NOISE * (np.linalg.norm(ray.place.start) + zero), SPREAD * ray.place.rounding)
    rates = left / epsilons.reshape(-1, *[1] * (left.ndim - 1))
    limit, doubt = limit_at_zero(epsilons, rates, noise / epsilons)
    missing, near = float(np.linalg.norm(limit)), nearest(epsilons, zero > CLEAR * noise)
    derivative = float(max(np.linalg.norm(slope), np.linalg.norm(slope + limit), np.finfo(float).tiny))
    first_slope = fitted_slope(epsilons, first, noise)
    if missing > doubt and missing > FLOOR * derivative:
        verdict = "wrong"
    elif (first[near] <= noise[near]).all():
        verdict = "right" if first_slope >= RIGHT else "linear"
    else:
        verdict = "right" if doubt < UNSURE * max(derivative, (zero / epsilons).max()) else "unclear"
    return Look(epsilons, zero, first, fitted_slope(epsilons, zero, noise), first_slope, missing, doubt, derivative,
                limit, verdict, **about)  # fmt: skip


def judged(
    sides: Sides,
    slope: Callable[[np.ndarray], np.ndarray],
    direction: np.ndarray,
    epsilons: np.ndarray,
    others: Callable[[], np.ndarray] | None = None,
) -> Look:
    """The fairest look at a derivative.

    slope(direction): the derivative that is claimed. others(): another direction, where others will do.
    """
    rays = sides.rays(direction)
    halvings, kinks = rays[0].halvings(epsilons), rays[0].at(epsilons.max())[1]
    for _ in range(DIRECTIONS):
        if others is None or halvings <= FARTHEST:
            break
        turned = sides.rays(others())
        if (fewer := turned[0].halvings(epsilons)) < halvings:
            rays, halvings = turned, fewer
    claimed = slope(rays[0].direction)

    def look_along(ray, more=0, on_kink=True):
        halvings = ray.halvings(epsilons) + more
        return looked(ray, epsilons * 0.5**halvings, claimed, halvings=halvings, kinks=kinks, on_kink=on_kink)

    shows = sides.matters(rays[0], epsilons.max() * 0.5**halvings)
    first = look_along(rays[0], on_kink=shows)
    if first.passes:
        return first
    nearest_looks = []
    for ray in rays:
        on_kink = shows or ray is not rays[0]
        seeing = (look for more in CLOSER if _sees(look := look_along(ray, more, on_kink), first))
        nearest_looks.append(next(seeing, first))  # the closest look that sees enough decides
        if nearest_looks[-1].passes:
            wider = (look_along(ray, more, on_kink) for more in reversed(CLOSER))
            return next(look for look in wider if look.passes and _sees(look, first))  # which makes the better plot
    derivatives = [claimed + look.limit for look in nearest_looks]
    apart = max(np.linalg.norm(one - derivatives[0]) for one in derivatives[1:])
    if apart > CLEARLY * max(look.doubt for look in nearest_looks):
        more = max(look.halvings for look in nearest_looks) - halvings
        mixed = look_along(Between(rays, derivatives, claimed), max(0, more))
        if mixed.passes and _sees(mixed, first):
            return mixed
    return first if first.verdict == "wrong" else nearest_looks[0]


def _sees(look: Look, first: Look) -> bool:
    """Whether a second look sees enough to be heard on what the first one said."""
    share = 0.3 * first.missing if first.verdict == "wrong" else UNSURE * look.derivative
    return look.doubt < max(share, FLOOR * look.derivative)
