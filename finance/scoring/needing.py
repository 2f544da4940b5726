"""What a bank has to be let know to deal with an application, each with why: no more is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from enterprises.consents.choosing import Need
from enterprises.services import load_catalogue
from finance.models import ProductVersion, ScoreVersion
from finance.scoring.card import CREDENTIALS
from finance.scoring.cards import MODEL, card_of
from matching.tree import Compare, CredentialTest, Over, leaves
from matching.trees import rule_trees


def needs_of(product: ProductVersion | None) -> list[Need]:
    """For the conditions of the product, if it is for one that names any, and for the score in use."""
    return [*(_of_conditions(product) if product is not None else ()), *_of_score()]


def _of_conditions(product: ProductVersion) -> Iterator[Need]:
    if product.rule_version_id is None:
        return
    why = _("看是否符合“%(name)s”的申请条件") % {"name": product.name}
    (tree,) = rule_trees([product.rule_version_id], load_catalogue())
    for leaf, _wanted in leaves(tree.conditions):
        if isinstance(leaf, Compare | Over):
            yield Need(why, facts=(leaf.fact,))
        elif isinstance(leaf, CredentialTest):
            yield Need(why, credentials=leaf.kinds, label=_("条件里的资质"))


def _of_score() -> Iterator[Need]:
    version = ScoreVersion.objects.in_use(MODEL)
    if version is None:
        return
    for one in card_of(version).characteristics:
        why = _("算信用评分（%(dimension)s）") % {"dimension": one.dimension.label}
        if one.fact == CREDENTIALS:
            yield Need(why, credentials=tuple(sorted(one.kinds)), label=one.label)
        else:
            yield Need(why, facts=(one.fact,))
