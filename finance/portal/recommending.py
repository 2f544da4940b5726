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
from finance.products.costing import Wish, unsaid
from finance.products.fitting import Fitting, Row, fit, ranked, rows
from finance.products.wording import amount_words, rate_words, speed_words, term_words
from matching.explaining.reasons import Reason

MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Need:
    """What an enterprise needs: how much for how long, for what (a `LoanPurpose`), and what counts most."""

    wish: Wish
    purpose: str = ""
    order: str = "rate"


@dataclass(frozen=True, slots=True)
class Recommended:
    """A product whose conditions are met, the best first, and why: in a few words each."""

    version: ProductVersion
    row: Row
    why: tuple[Reason, ...]


@dataclass(frozen=True)
class Recommendation:
    """The answer to a need: the best few, and how everything else stands."""

    best: tuple[Recommended, ...]
    counts: dict[str, int]


def recommend(enterprise: Enterprise, need: Need) -> Recommendation:
    """At most `MOST` products whose conditions the enterprise meets, by what counts most for it.

    First those that say that they can meet its need, then those that leave amount or term to the bank; of
    either those that are meant for its purpose. What cannot meet it is none of them.
    """
    fitting = fit(enterprise, timezone.localdate(), need.wish)
    found = ranked([*fitting.groups["fits"], *fitting.groups["unsaid"]], need.order, need.wish)
    found.sort(key=lambda one: (bool(unsaid(one.entry, need.wish)), not _is_for(one.entry, need.purpose)))
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


def _why(entry: Entry, need: Need, fitting: Fitting) -> list[Reason]:
    """How it meets the need: what counts most first, what the bank does not say last."""
    fits = [one.entry for one in fitting.groups["fits"]]
    found = _figures(entry)
    if found[need.order].mark == "y" and entry in fits and _is_best(entry, fits, need.order):
        said = {"said": found[need.order].words, "count": len(fits)}
        found[need.order] = Reason("y", _("%(said)s，适合您的 %(count)d 款里最好") % said, "")
    if need.purpose:
        meant, not_said = _("可用于%(purpose)s"), _("没有写明可用于%(purpose)s，请先问银行")
        is_for = _is_for(entry, need.purpose)
        words = (meant if is_for else not_said) % {"purpose": LoanPurpose(need.purpose).label}
        found["purpose"] = Reason("y" if is_for else "q", words, "")
    keys = sorted(found, key=lambda key: (found[key].mark != "y", key != need.order))
    return [found[key] for key in keys if found[key].words]


def _figures(entry: Entry) -> dict[str, Reason]:
    """Amount, term, rate and speed; where the bank gives no figure, what it says instead."""
    known = {
        "amount": (entry.amount_max_fen, _("金额够：%(said)s"), amount_words(entry)),
        "term": (entry.term_max, _("期限够：%(said)s"), term_words(entry)),
        "rate": (entry.rate_low or entry.rate_high, _("年利率 %(said)s"), rate_words(entry)),
        "speed": (entry.answer_days, "%(said)s", speed_words(entry)),
    }
    return {
        key: Reason("q", said, "") if figure is None else Reason("y", words % {"said": said}, "")
        for key, (figure, words, said) in known.items()
    }


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
