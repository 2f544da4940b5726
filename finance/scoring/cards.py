"""Versions out of the database as cards; a process reads each published one once."""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext as _

from enterprises.catalogue import Kind
from finance.models import ScoreBin, ScoreCharacteristic, ScoreVersion
from finance.scoring.card import CREDENTIALS, Bin, Card, Characteristic
from finance.scoring.enums import Dimension
from portal.kernel.errors import DomainError
from portal.kernel.kept import Kept

MODEL = "general"
"""The points table for all enterprises of the county."""

_kept: Kept[int, Card] = Kept(8)


def version_in_use(code: str = MODEL) -> ScoreVersion:
    """The published version of a model. Raises DomainError while there is none."""
    version = ScoreVersion.objects.in_use(code)
    if version is None:
        raise DomainError(_("评分标准尚未发布，暂时不能评分。"), code="no_version")
    return version


def card_of(version: ScoreVersion) -> Card:
    """A version ready to reckon with: two queries, none once a published one has been read."""
    if version.is_draft:
        return _read(version)
    return _kept.get(version.pk) or _kept.keep(version.pk, _read(version))


def forget(**kwargs: object) -> None:
    """Read all versions anew (receiver of ``post_migrate``: a flush empties the tables)."""
    _kept.clear()


def _read(version: ScoreVersion) -> Card:
    rows = version.characteristics.select_related("fact").prefetch_related("bins")
    characteristics = tuple(_characteristic(row) for row in rows.order_by("position", "pk"))
    weights = {Dimension(name): weight for name, weight in version.weights.items()}
    return Card(version.base, weights, characteristics, version.pk)


def _characteristic(row: ScoreCharacteristic) -> Characteristic:
    factor = 100 if row.fact is not None and row.fact.kind == Kind.MONEY else 1
    bins = [_bin(one, factor) for one in row.bins.all()]
    if all(one.values is None for one in bins):
        bins.sort(key=lambda one: (one.lower is not None, one.lower))
    return Characteristic(
        row.key,
        row.label,
        Dimension(row.dimension),
        CREDENTIALS if row.fact is None else row.fact.key,
        tuple(bins),
        row.monotone,
        row.years,
    )


def _bin(row: ScoreBin, factor: int) -> Bin:
    return Bin(
        row.label,
        row.points,
        None if row.lower is None else Fraction(row.lower) * factor,
        None if row.upper is None else Fraction(row.upper) * factor,
        None if row.values is None else frozenset(row.values),
        row.reason,
        row.tip,
    )
