"""Answering objections to a notice: each is looked into before anything is decided."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from policies.applying.sending import hold
from policies.models import Objection
from policies.reviewers import REVIEWING, require_case
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User


def answer(objection: Objection, text: str, *, by: User, at: dt.datetime) -> None:
    """Write down what was found out, once. Raises DomainError."""
    text = text.strip()
    if not text:
        raise DomainError(_("请写明核实的情况和处理结果。"), code="says_nothing")
    with transaction.atomic():
        held = hold(objection.notice.application)
        require_case(by, held, *REVIEWING)
        pending = Objection.objects.filter(pk=objection.pk, answer="")
        if not pending.update(answer=text, answered_by=by, answered_at=at):
            raise DomainError(_("这条异议已经处理，请刷新页面。"), code="answered")
        held.events.create(
            actor=by,
            at=at,
            name="objection_answered",
            source=held.state,
            target=held.state,
            comment=text,
        )
    objection.refresh_from_db()
