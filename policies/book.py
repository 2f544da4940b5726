"""The versions in force, kept by the process: what "my policies" is judged against.

One small query tells whether anything changed; only then are the versions read again.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from policies.enums import Benefit, Mode
from policies.models import ItemVersion, ItemVersionEvent


@dataclass(frozen=True, slots=True)
class Entry:
    """What judging and adding up need of a version; its texts are read for the page shown only."""

    version_id: int
    rule_version_id: int
    mode: str
    benefit: str
    group: str
    window_from: date | None
    window_to: date | None

    @property
    def enjoy(self) -> bool:
        return self.mode == Mode.ENJOY

    @property
    def pays(self) -> bool:
        """Whether money is paid out; only that is added up."""
        return self.benefit == Benefit.MONEY

    def is_open(self, day: date) -> bool:
        """Whether the window is open on a day; an absent bound is no bound."""
        return (self.window_from is None or self.window_from <= day) and (
            self.window_to is None or day <= self.window_to
        )


FIELDS = ("pk", "rule_version_id", "mode", "benefit", "exclusivity_group", "window_from", "window_to")
"""Of ItemVersion, in the order of an Entry."""


class _Stamp(NamedTuple):
    """New with every publication, withdrawal and end of a version (each leaves an event), and every day."""

    day: date
    event: int | None


_kept: tuple[_Stamp, tuple[Entry, ...]] | None = None


def in_force(day: date) -> tuple[Entry, ...]:
    """Every version in force on a day, in a stable order."""
    global _kept  # one book a process is the point
    stamp = _stamp(day)
    if _kept is None or _kept[0] != stamp:
        _kept = (stamp, _read(day))
    return _kept[1]


def _stamp(day: date) -> _Stamp:
    return _Stamp(day, ItemVersionEvent.objects.order_by("-pk").values_list("pk", flat=True).first())


def _read(day: date) -> tuple[Entry, ...]:
    shown = ItemVersion.objects.visible_to(None).in_force(day).order_by("pk")
    return tuple(Entry(*row) for row in shown.values_list(*FIELDS))
