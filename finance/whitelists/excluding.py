"""Taking enterprises off a draft with a reason, and putting them back: who did is written down."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.translation import gettext as _

from finance.models import Whitelist, WhitelistEntry, WhitelistState
from finance.whitelists.duties import DRAWING
from portal.accounts.duties import require_duty
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import User

MOST_WORDS: Final = 200
EXCLUDED: Final = "exclude"
RESTORED: Final = "restore"


def exclude(entry: WhitelistEntry, reason: str, *, by: User, at: dt.datetime) -> None:
    """Take an enterprise off a draft. Raises DomainError."""
    _change(entry, EXCLUDED, reason, by, at)


def restore(entry: WhitelistEntry, reason: str, *, by: User, at: dt.datetime) -> None:
    """Put an enterprise back that was taken off. Raises DomainError."""
    _change(entry, RESTORED, reason, by, at)


def _change(entry: WhitelistEntry, what: str, reason: str, by: User, at: dt.datetime) -> None:
    require_duty(by, entry.whitelist.department, *DRAWING)
    if not (reason := reason.strip()):
        raise DomainError(_("请写明原因。"), code="no_reason")
    if len(reason) > MOST_WORDS:
        raise DomainError(_("原因最多 %(most)d 字。") % {"most": MOST_WORDS}, code="reason_long")
    with transaction.atomic():
        held = Whitelist.objects.select_for_update().get(pk=entry.whitelist_id)
        if held.state != WhitelistState.DRAFT:
            raise DomainError(_("名单已确认，不能再增减。"), code="confirmed")
        own = WhitelistEntry.objects.select_related("enterprise").get(pk=entry.pk)
        if bool(own.excluded) == (what == EXCLUDED):
            words = _("这家企业已经剔除。") if own.excluded else _("这家企业本来就在名单上。")
            raise DomainError(words, code="so_already")
        own.excluded, own.excluded_by = (reason, by) if what == EXCLUDED else ("", None)
        own.save(update_fields=["excluded", "excluded_by"])
        held.events.create(
            actor=by,
            at=at,
            name=what,
            source=held.state,
            target=held.state,
            comment=f"{own.enterprise.name}：{reason}",
        )
