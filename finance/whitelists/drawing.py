"""Drawing up a list by one pass of the engine over the county, and taking enterprises off it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.catalogue import Purpose
from enterprises.services import load_catalogue
from finance.models import Whitelist, WhitelistEntry, WhitelistState
from finance.whitelists.duties import DRAWING, require_duty
from matching.batch.conditions import facts_of
from matching.batch.engine import Case, match_rules
from matching.batch.frames import frame_knowing
from matching.batch.results import ELIGIBLE_FLAG
from matching.services import context_for, rule_tree
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from matching.models import RuleVersion
    from portal.accounts.models import Department, User

MOST: Final = 20_000
"""Enterprises of one list; a rule that fits more recommends nobody."""


@dataclass(frozen=True, slots=True)
class Plan:
    """By which rule, for which day, under which name, by which department."""

    title: str
    department: Department
    rule_version: RuleVersion
    as_of: dt.date


def draw_up(plan: Plan, *, by: User, at: dt.datetime) -> Whitelist:
    """A draft with all whom the rule fits by official data. Raises DomainError."""
    require_duty(by, plan.department, *DRAWING)
    if plan.rule_version.published_at is None:
        raise DomainError(_("规则还没有发布，发布后才能据以提出白名单。"), code="not_published")
    tree = rule_tree(plan.rule_version, load_catalogue(known_at=at))
    frame = frame_knowing(facts_of(tree), plan.as_of, at, Purpose.PAY)
    (found,) = match_rules([Case(tree, context_for(plan.as_of, Purpose.PAY, known_at=at))], frame)
    ids = found.having(ELIGIBLE_FLAG).ids
    if not len(ids):
        raise DomainError(_("没有企业符合这条规则，没有提出名单。"), code="nobody")
    if len(ids) > MOST:
        raise DomainError(
            _("有 %(count)d 家企业符合，超过 %(most)d 家；请收紧条件。") % {"count": len(ids), "most": MOST},
            code="too_many",
        )
    with transaction.atomic():
        drawn = Whitelist.objects.create(
            title=plan.title,
            department=plan.department,
            rule_version=plan.rule_version,
            as_of=plan.as_of,
            known_at=at,
            population=len(frame),
            drafted_by=by,
        )
        entries = (WhitelistEntry(whitelist=drawn, enterprise_id=int(pk)) for pk in ids)
        WhitelistEntry.objects.bulk_create(entries, batch_size=2_000)
    return drawn


def exclude(entry: WhitelistEntry, reason: str, *, by: User) -> None:
    """Take an enterprise off a draft. Raises DomainError."""
    require_duty(by, entry.whitelist.department, *DRAWING)
    if not reason.strip():
        raise DomainError(_("请写明剔除原因。"), code="no_reason")
    with transaction.atomic():
        held = Whitelist.objects.select_for_update().get(pk=entry.whitelist_id)
        if held.state != WhitelistState.DRAFT:
            raise DomainError(_("名单已确认，不能再增减。"), code="confirmed")
        WhitelistEntry.objects.filter(pk=entry.pk).update(excluded=reason.strip(), excluded_by=by)
