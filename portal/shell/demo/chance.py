"""Weighted choice."""

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def pick(random_: random.Random, weighted: Sequence[tuple[T, float]]) -> T:
    """One of the things, each as likely as its weight says."""
    return random_.choices([thing for thing, _ in weighted], [weight for _, weight in weighted])[0]
