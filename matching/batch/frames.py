"""The frames a process keeps: columns of all enterprises, loaded when first asked for, then kept fresh.

A frame is found by what an evaluation names: the day judged, what was known when, and the purpose.
Before each use the enterprises changed since are read anew (``enterprises.dirty`` misses no late
commit); when many changed, or the list of enterprises or the catalogue did, everything is.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

import numpy as np
from django.db import connection
from django.utils import timezone
from numpy.typing import NDArray

from enterprises.catalogue import Purpose
from enterprises.dirty import changed_since, snapshot
from enterprises.models import Enterprise
from enterprises.services import load_catalogue
from matching.batch.frame import Frame
from matching.batch.loading import DatabaseSource, patched

Key = tuple[dt.date, dt.datetime | None, Purpose]

_KEPT = 2
"""Frames a process keeps; each may take a hundred megabytes for a large county."""
_A_MOMENT = dt.timedelta(hours=1)
_MANY = 0.1
"""From this share of changed enterprises on, reading everything anew is quicker."""


@dataclass(frozen=True)
class _Kept:
    frame: Frame
    seen: str


_kept: OrderedDict[Key, _Kept] = OrderedDict()
_lock = Lock()


def frame_for(as_of: dt.date, known_at: dt.datetime | None = None, purpose: Purpose = Purpose.SHOW) -> Frame:
    """All enterprises in business, as known on a day; rows rise by id."""
    if _has_written():
        # what this transaction wrote may be rolled back: it must see it, the process must not keep it
        return _load(as_of, known_at, purpose)
    with _lock:
        key = (as_of, known_at, purpose)
        seen = snapshot()
        frame = _refreshed(_kept.get(key), known_at) or _load(as_of, known_at, purpose)
        _kept[key] = _Kept(frame, seen)
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
        return frame


def frame_knowing(
    keys: set[str], as_of: dt.date, known_at: dt.datetime | None, purpose: Purpose = Purpose.SHOW
) -> Frame:
    """As :func:`frame_for`, with these facts loaded.

    A run asks for what was known a moment ago: where nothing was recorded since, the frame of now is
    the frame of then, and is loaded already.
    """
    if known_at is not None and timezone.now() - known_at < _A_MOMENT:
        frame = frame_for(as_of, None, purpose)
        frame.need(keys)
        _ = frame.credentials
        unchanged = frame.catalogue is load_catalogue(known_at=known_at)
        if unchanged and (frame.newest is None or frame.newest <= known_at):
            return frame
    frame = frame_for(as_of, known_at, purpose)
    frame.need(keys)
    return frame


def frame_of_ids(
    ids: list[int], as_of: dt.date, known_at: dt.datetime | None = None, purpose: Purpose = Purpose.SHOW
) -> Frame:
    """Some enterprises only, whatever their registration status; not kept."""
    wanted = np.array(sorted(set(ids)), np.int64)
    source = DatabaseSource(known_at, tuple(wanted.tolist()))
    return Frame(load_catalogue(known_at=known_at), wanted, as_of, purpose, source=source)


def forget() -> None:
    """Drop all frames of this process."""
    with _lock:
        _kept.clear()


def _load(as_of: dt.date, known_at: dt.datetime | None, purpose: Purpose) -> Frame:
    catalogue = load_catalogue(known_at=known_at)
    return Frame(catalogue, _in_business(), as_of, purpose, source=DatabaseSource(known_at))


def _in_business() -> NDArray[np.int64]:
    ids = Enterprise.objects.in_business().order_by("pk").values_list("pk", flat=True)
    return np.fromiter(ids.iterator(chunk_size=20_000), np.int64)


def _refreshed(kept: _Kept | None, known_at: dt.datetime | None) -> Frame | None:
    """The kept frame with changed enterprises read anew; None when all must be."""
    if kept is None or kept.frame.catalogue.stamp != load_catalogue().stamp:
        return None
    changed = np.array(changed_since(kept.seen), np.int64)
    if not len(changed):
        return kept.frame
    standing = Enterprise.objects.in_business().filter(pk__in=changed.tolist())
    now = np.array(sorted(standing.values_list("pk", flat=True)), np.int64)
    before = np.intersect1d(changed, kept.frame.ids)
    if not np.array_equal(now, before) or len(changed) > _MANY * len(kept.frame):
        return None
    return patched(kept.frame, changed, DatabaseSource(known_at))


def _has_written() -> bool:
    """Whether the transaction at hand has written anything."""
    if not connection.in_atomic_block:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return bool(cursor.fetchone()[0])
