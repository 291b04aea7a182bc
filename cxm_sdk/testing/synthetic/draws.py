"""Random numbers that depend on what they are for, not on when they are drawn.

Each draw is a hash of the seed, the name of the question ("does this household move?") and the key of the
thing asked about (the household's number). So a person stays the same whatever was drawn before, arrays may
be worked off in pieces of any size, and a larger data set begins with the people of a smaller one. Only
integer arithmetic is used, and none of NumPy's distributions, whose streams may change between versions.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Draws", "Keys", "Wheel", "wheel", "zipf_wheel"]

Keys = NDArray[np.uint64]
Wheel = NDArray[np.int32]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SLOTS = 1 << 16


def wheel(weights: Sequence[float], first: int = 0) -> Wheel:
    """A weighted choice as a table of 65,536 slots.

    Args:
        weights: One positive weight for each outcome; fewer than 65,536 of them.
        first: Number of the first outcome; the others follow.

    Returns:
        ``int32[65536]``, an outcome in each slot.
    """
    ends = np.cumsum(np.asarray(weights, dtype=np.float64))
    # Divided by the last sum, not by sum(): that one adds in an order that depends on the processor.
    ends = np.rint(ends / ends[-1] * _SLOTS).astype(np.int64)
    return np.repeat(np.arange(first, first + len(ends), dtype=np.int32), np.diff(ends, prepend=0))


def zipf_wheel(count: int, shift: float, first: int = 0) -> Wheel:
    """A Zipf-Mandelbrot choice: the outcome of rank ``r`` (from 1) weighs ``1 / (r + shift)``.

    Args:
        count: Number of outcomes.
        shift: The larger, the less the first outcomes stand out.
        first: Number of the first outcome.

    Returns:
        ``int32[65536]``, an outcome in each slot.
    """
    return wheel([1.0 / (rank + shift) for rank in range(1, count + 1)], first)


class Draws:
    """All random numbers of one data set.

    Args:
        seed: Any integer.

    >>> import numpy as np
    >>> keys = np.arange(3, dtype=np.uint64)
    >>> bool((Draws(1).bits("a", keys)[1:] == Draws(1).bits("a", keys[1:])).all())
    True
    """

    def __init__(self, seed: int) -> None:
        self._seed = str(int(seed))

    def bits(self, question: str, keys: Keys) -> Keys:
        """64 random bits for each key.

        Args:
            question: What is asked; each has its own stream.
            keys: ``uint64[n]``, whom it is asked about.

        Returns:
            ``uint64[n]``.
        """
        digest = hashlib.blake2b(f"{self._seed}/{question}".encode(), digest_size=8).digest()
        mixed = keys * _GAMMA
        mixed += np.uint64(int.from_bytes(digest, "little"))
        mixed ^= mixed >> np.uint64(30)
        mixed *= _MIX_1
        mixed ^= mixed >> np.uint64(27)
        mixed *= _MIX_2
        mixed ^= mixed >> np.uint64(31)
        return mixed

    def below(
        self, question: str, keys: Keys, bound: int | NDArray[np.int64] | NDArray[np.int32]
    ) -> NDArray[np.int64]:
        """A whole number from 0 to ``bound - 1`` for each key; 0 where the bound is below 1.

        Args:
            question: What is asked.
            keys: ``uint64[n]``.
            bound: One bound, or ``int[n]`` with one for each key; below 2**31.

        Returns:
            ``int64[n]``.
        """
        bounds = np.maximum(np.asarray(bound), 0).astype(np.uint64)
        scaled: Keys = (self.bits(question, keys) >> np.uint64(32)) * bounds >> np.uint64(32)
        return scaled.astype(np.int64)

    def unit(self, question: str, keys: Keys) -> NDArray[np.float64]:
        """A number in [0, 1) for each key.

        Args:
            question: What is asked.
            keys: ``uint64[n]``.

        Returns:
            ``float64[n]``, exact multiples of 2**-53.
        """
        return (self.bits(question, keys) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def chance(self, question: str, keys: Keys, rate: float | NDArray[np.float64]) -> NDArray[np.bool_]:
        """True with the given probability, for each key.

        Args:
            question: What is asked.
            keys: ``uint64[n]``.
            rate: One probability, or ``float64[n]``.

        Returns:
            ``bool[n]``.
        """
        return self.unit(question, keys) < rate

    def pick(
        self, question: str, keys: Keys, wheels: Wheel, group: NDArray[np.integer[Any]] | None = None
    ) -> NDArray[np.int32]:
        """An outcome of a weighted choice for each key.

        Args:
            question: What is asked.
            keys: ``uint64[n]``.
            wheels: ``int32[65536]``, or ``int32[groups, 65536]`` when each key has its own choice.
            group: ``int[n]``, the choice of each key.

        Returns:
            ``int32[n]``, outcomes.
        """
        slots = (self.bits(question, keys) >> np.uint64(48)).astype(np.intp)
        return wheels[slots] if group is None else wheels[group, slots]
