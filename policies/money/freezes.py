"""The button that stops payments at once (冻结), and the two people who let them go on."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from policies.models import BudgetLine, Freeze, PaymentBatch
from policies.models.money.budget import FreezeQuerySet
from policies.money.duties import STOPPING
from policies.money.refusals import told
from policies.money.telling import tell_frozen, tell_thaw_asked
from portal.accounts.duties import require_duty
from portal.kernel.errors import DomainError

if TYPE_CHECKING:
    from portal.accounts.models import Department, User

Scope = BudgetLine | PaymentBatch | None
"""What is stopped; None: everything."""


def freeze(scope: Scope, reason: str, *, by: User, at: dt.datetime) -> Freeze:
    """Stop: nothing of it is released once this returns. Raises DomainError.

    It waits for a release that is just being written, for a second or so; that one went before.
    """
    if not reason.strip():
        raise DomainError(_("请写明冻结原因。"), code="no_reason")
    frozen = Freeze(reason=reason.strip(), by=by, at=at)
    if isinstance(scope, BudgetLine):
        frozen.line = scope
    elif scope is not None:
        frozen.batch = scope
    require_duty(by, _department(frozen), *STOPPING)
    with told():
        frozen.save()
        tell_frozen(frozen)
    return frozen


def ask_thaw(frozen: Freeze, *, by: User, at: dt.datetime) -> None:
    """Ask to let it go on; another person agrees. Raises DomainError."""
    require_duty(by, _department(frozen), *STOPPING)
    with transaction.atomic():
        _step(frozen, Q(thaw_asked_at=None), _("已有人申请解冻。"), thaw_asked_by=by, thaw_asked_at=at)
        tell_thaw_asked(frozen)


def thaw(frozen: Freeze, *, by: User, at: dt.datetime) -> None:
    """Agree: payments go on. Raises DomainError, for the one who asked too."""
    require_duty(by, _department(frozen), *STOPPING)
    frozen.refresh_from_db()
    if frozen.thaw_asked_at is None:
        raise DomainError(_("请先由一人申请解冻，再由另一人同意。"), code="not_asked")
    if frozen.thaw_asked_by_id == by.pk:
        raise DomainError(_("申请解冻的人不能自己同意，请由另一人办理。"), code="four_eyes")
    _step(frozen, Q(thawed_at=None), _("已经解冻。"), thawed_by=by, thawed_at=at)


def live_for(batch: PaymentBatch) -> FreezeQuerySet:
    """Freezes that hold the batch back: its own, its line's, and those of everything."""
    everything = Q(line=None, batch=None)
    return Freeze.objects.live().filter(everything | Q(line=batch.line_id) | Q(batch=batch.pk))


def require_thawed(batch: PaymentBatch) -> None:
    """Raises DomainError while the batch is frozen; a freeze that comes now waits for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT policies_let_freezes_wait()")
    frozen = live_for(batch).first()
    if frozen is not None:
        raise DomainError(
            _("拨付已冻结（%(reason)s），解冻后再办理。") % {"reason": frozen.reason}, code="frozen"
        )


def _step(frozen: Freeze, expected: Q, otherwise: str, **values: Any) -> None:
    if not Freeze.objects.filter(expected, pk=frozen.pk).update(**values):
        raise DomainError(otherwise, code="thawed")
    for name, value in values.items():
        setattr(frozen, name, value)


def _department(frozen: Freeze) -> Department | None:
    """Whose budget it is about; None: everybody's."""
    line = frozen.line or (frozen.batch and frozen.batch.line)
    return line.department if line else None
