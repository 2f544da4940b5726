"""Why an enterprise is almost in or out, and what is to be seen to when it is in: a code and words."""

from __future__ import annotations

from typing import TypedDict

from django.utils.translation import gettext as _

from enterprises.catalogue import Catalogue, Tier
from matching.explaining.explain import Explanation, LeafRow


class Reason(TypedDict):
    """One of them, as it is kept."""

    code: str
    words: str


def reason(code: str, words: str) -> Reason:
    """As it is kept."""
    return {"code": code, "words": words}


def unconfirmed(explanation: Explanation) -> list[Reason]:
    """What was shown to hold by somebody's word, and wants an official's."""
    return [
        reason("unconfirmed", _("待部门核实：%(what)s") % {"what": row.sentence})
        for row in _counted(explanation)
        if row.review or row.tier is not None and row.tier < Tier.OFFICIAL
    ] or [reason("unconfirmed", _("待部门核实后确定"))]


def unknown(explanation: Explanation) -> list[Reason]:
    """What is not known, by any word."""
    return [
        reason("unknown", _("还不知道：%(what)s") % {"what": row.sentence})
        for row in _counted(explanation)
        if row.truth == "unknown"
    ] or [reason("unknown", _("资料不足"))]


def missed(explanation: Explanation) -> list[Reason]:
    """What does not hold, and by how much."""
    return [
        reason("missed", "，".join(filter(None, (row.sentence, row.distance))))
        for row in _counted(explanation)
        if row.truth == "false"
    ] or [reason("missed", _("有条件没有达到"))]


def unpriced() -> Reason:
    """The rule settles that, not how much."""
    return reason("unpriced", _("符合条件，金额须由主管部门核定"))


def credit(keys: tuple[str, ...], catalogue: Catalogue) -> list[Reason]:
    """What is on record against it."""
    return [reason(key, _("%(fact)s") % {"fact": catalogue[key].label}) for key in keys]


def _counted(explanation: Explanation) -> list[LeafRow]:
    return [row for row in explanation.leaves if not row.spare]
