"""Release: in one transaction the third signature, the state, the instruction file and every payment sent."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from policies.models import InstructionFile, PaymentBatch
from policies.models.money.batch import Step
from policies.models.money.exchange import FileFormat
from policies.money.batches import hold, require_current_accounts, require_state
from policies.money.budgets import require_room
from policies.money.exchange.instructing import content_of
from policies.money.freezes import require_thawed
from policies.money.refusals import told
from policies.money.signing import Signer
from portal.accounts.duties import require_duty
from portal.accounts.roles import Role
from portal.kernel.errors import DomainError
from portal.kernel.models import NumberSeries
from portal.kernel.transitions import adopt, advance, advance_all

if TYPE_CHECKING:
    from portal.accounts.models import User


def release(
    batch: PaymentBatch, code: str, *, by: User, at: dt.datetime, seen: str | None = None
) -> InstructionFile:
    """Release a confirmed batch, with a code of the second factor; its instruction file. Raises DomainError.

    All of it or nothing: what is frozen, overspent, changed since it was confirmed, or would go to an account
    that is no longer in use stays where it is. `seen` as in `batches.confirm`.
    """
    signer = Signer(by, at, code, batch.digest if seen is None else seen)
    try:
        with told():
            held = hold(batch)
            file = _release(held, signer)
    except DomainError as refusal:
        if refusal.code == "account_changed":
            require_current_accounts(batch)  # the database looks at every account: only now it matters whose
        raise
    adopt(batch, held)
    return file


def _release(held: PaymentBatch, signer: Signer) -> InstructionFile:
    by, at = signer.by, signer.at
    require_duty(by, held.line.department, Role.PAYMENT_RELEASER)
    require_state(held, "release")
    require_thawed(held)
    require_room(held.line, held.total_fen)
    signer.sign(held, Step.RELEASE)
    changes = {"released_by": by, "released_at": at}
    advance(held, "release", actor=by, changes=changes, comment=held.digest, at=at)
    advance_all(held.payments.all(), "send", actor=by, at=at, changes={"sent_at": at})
    return _write(held, at)


def _write(held: PaymentBatch, at: dt.datetime) -> InstructionFile:
    """The file that tells the treasury; its number and bytes are the same for ever."""
    day = timezone.localdate(at)
    number = NumberSeries.take("ZF", day)
    form = getattr(settings, "TREASURY_FORMAT", FileFormat.CSV)
    content = content_of(held, number, day, form)
    return InstructionFile.objects.create(
        number=number,
        batch=held,
        format=form,
        content=content,
        sha256=sha256(content).hexdigest(),
        count=held.count,
        total_fen=held.total_fen,
        written_at=at,
    )
