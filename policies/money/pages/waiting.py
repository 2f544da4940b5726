"""What of its money an enterprise has to see to, and how much is on its way: for its home page."""

from __future__ import annotations

from dataclasses import dataclass

from enterprises.actors import Actor
from policies.money.pages.tracks import Track, sums_of, tracks_of


@dataclass(frozen=True, slots=True)
class Look:
    """Sums on their way and paid, in fen, and what stands still until the enterprise does something."""

    coming: int
    paid: int
    stuck: list[Track]


def look(actor: Actor) -> Look:
    """One query where nothing was ever owed, else four."""
    tracks = tracks_of(actor.enterprise)
    sums = sums_of(tracks)
    return Look(sums["coming"], sums["paid"], [track for track in tracks if track.waits_for_us])
