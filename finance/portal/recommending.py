"""What the platform recommends (平台推荐): products that fit the enterprise and can meet what it wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from enterprises.models import Enterprise
from finance.models import ProductVersion
from finance.models.vocabulary import LoanPurpose
from finance.products.book import Entry
from finance.products.costing import Wish
from finance.products.fitting import Fitting, Row, fit, ranked, rows
from finance.products.wording import amount_words, rate_words, speed_words, term_words

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Need:
    """What an enterprise needs: how much for how long, for what (a `LoanPurpose`), and what counts most."""

    wish: Wish
    purpose: str = ""
    order: str = "rate"


@dataclass(frozen=True, slots=True)
class Recommended:
    """A product that fits, the best first; `why`, in a few words each."""

    version: ProductVersion
    row: Row
    why: tuple[str, ...]


@dataclass(frozen=True)
class Recommendation:
    """The answer to a need: the best few, and how everything else stands."""

    best: tuple[Recommended, ...]
    counts: dict[str, int]


def recommend(enterprise: Enterprise, need: Need) -> Recommendation:
    """At most `MOST` products that fit the enterprise and can meet its need, by what counts most for it.

    Those that are meant for its purpose come first.
    """
    fitting = fit(enterprise, timezone.localdate(), need.wish)
    found = ranked(fitting.groups["fits"], need.order, need.wish)
    found.sort(key=lambda one: not _is_for(one.entry, need.purpose))
    offered = ProductVersion.objects.offered().select_related("product__bank__grantee", "product__rule")
    versions = offered.in_bulk([one.entry.version_id for one in found[:MOST]])
    best = [one for one in found[:MOST] if one.entry.version_id in versions]
    return Recommendation(
        tuple(
            Recommended(versions[row.entry.version_id], row, tuple(_why(row.entry, need, fitting)))
            for row in rows(fitting, best)
        ),
        fitting.counts,
    )


def _is_for(entry: Entry, purpose: str) -> bool:
    return not purpose or purpose in entry.purposes


def _why(entry: Entry, need: Need, fitting: Fitting) -> Sequence[str]:
    """How it meets the need: what is most wanted first."""
    fits = [one.entry for one in fitting.groups["fits"]]
    amount, term = amount_words(entry), term_words(entry)
    said = {
        "amount": _("金额够：%(said)s") % {"said": amount} if amount else "",
        "term": _("期限够：%(said)s") % {"said": term} if term else "",
        "rate": _("年利率 %(said)s") % {"said": rate_words(entry)} if rate_words(entry) else "",
        "speed": speed_words(entry),
        "purpose": "",
    }
    if _is_best(entry, fits, need.order) and said[need.order]:
        said[need.order] = _("%(said)s，适合您的 %(count)d 款里最好") % {
            "said": said[need.order],
            "count": len(fits),
        }
    if need.purpose:
        label = LoanPurpose(need.purpose).label
        meant, not_said = _("可用于%(purpose)s"), _("没有写明可用于%(purpose)s，请先问银行")
        said["purpose"] = (meant if _is_for(entry, need.purpose) else not_said) % {"purpose": label}
    keys = [need.order, *(key for key in said if key != need.order)]
    return [said[key] for key in keys if said[key]]


def _is_best(entry: Entry, among: Sequence[Entry], order: str) -> bool:
    """Whether nothing among several has more, or costs less, or is faster."""
    figures = {
        "rate": lambda one: one.rate_low or one.rate_high,
        "amount": lambda one: -one.amount_max_fen if one.amount_max_fen else None,
        "speed": lambda one: one.answer_days,
    }
    figure = figures[order]
    known = [figure(one) for one in among if figure(one) is not None]
    return len(among) > 1 and figure(entry) is not None and figure(entry) == min(known)
