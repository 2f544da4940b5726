"""Packed Kleene bitmaps: one bit an enterprise, three rows a condition.

A condition over ``count`` enterprises is one ``uint64`` array of shape ``(3, words)``:

* row :data:`SURE`: the condition is true;
* row :data:`POSSIBLE`: it is not false (so unknown is *possible and not sure*);
* row :data:`OPENED`: it is true, or would be once claim facts and reviews alone are answered well.

NOT is pushed down to the leaves before anything is packed, so every group is monotone in each
row, and ALL, ANY and AT LEAST are the same operation on all three.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Flags = NDArray[np.bool_]

SURE, POSSIBLE, OPENED = range(3)
ALL_ONES = np.uint64(0xFFFF_FFFF_FFFF_FFFF)
_WORD = 64


def words_for(count: int) -> int:
    """How many 64-bit words hold ``count`` bits."""
    return -(-count // _WORD)


def pack(flags: Flags) -> Bits:
    """Pack flags along the last axis, enterprise 0 in the lowest bit; the tail is zero."""
    count = flags.shape[-1]
    packed = np.packbits(flags, axis=-1, bitorder="little")
    room = np.zeros((*flags.shape[:-1], words_for(count) * 8), np.uint8)
    room[..., : packed.shape[-1]] = packed
    return room.view(np.uint64)


def unpack(bits: Bits, count: int) -> Flags:
    """The flags of ``count`` enterprises, along the last axis."""
    octets = np.ascontiguousarray(bits).view(np.uint8)
    return np.unpackbits(octets, axis=-1, count=count, bitorder="little").view(np.bool_)


def positions(row: Bits, count: int) -> NDArray[np.int64]:
    """Where the bits of one row are set, rising; works through its non-zero bytes only."""
    octets = np.ascontiguousarray(row).view(np.uint8)
    filled = np.flatnonzero(octets)
    where, bit = np.nonzero(np.unpackbits(octets[filled, None], axis=1, bitorder="little"))
    found = filled[where] * 8 + bit
    return found[found < count]


def certain(count: int, value: bool) -> Bits:
    """A condition that is known and the same for everyone."""
    return np.full((3, words_for(count)), ALL_ONES if value else 0, np.uint64)


def at_least(needed: int, children: Sequence[Bits]) -> Bits:
    """Rows where at least ``needed`` of the children are set, row by row.

    ``needed`` equal to the number of children is ALL, 1 is ANY, 0 or less is always true.
    """
    shape = children[0].shape
    if needed <= 0:
        return np.full(shape, ALL_ONES, np.uint64)
    if needed > len(children):
        return np.zeros(shape, np.uint64)
    if needed == len(children):
        return np.bitwise_and.reduce(children)
    if needed == 1:
        return np.bitwise_or.reduce(children)
    reached = [np.zeros(shape, np.uint64) for _ in range(needed)]
    for child in children:
        for step in range(needed - 1, 0, -1):
            reached[step] |= reached[step - 1] & child
        reached[0] |= child
    return reached[-1]
