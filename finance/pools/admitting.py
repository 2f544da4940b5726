"""Taking loans on (入池), and letting go of what was compensated (出池).

Nothing is looked at before that could be true no more afterwards: the database itself takes a loan on under
the lock of the pool's row, or refuses; the words why are made of what stands then.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from finance.models import LoanApplication, PoolAdmission, PoolState, ReleaseReason, RiskPool
from finance.pools.duties import APPROVING, require_duty
from finance.pools.refusals import told
from portal.kernel.errors import DomainError
from portal.kernel.money import format_money

if TYPE_CHECKING:
    from finance.acting import BankActor
    from portal.accounts.models import User


def admit(pool: RiskPool, loan: LoanApplication, *, by: BankActor, at: dt.datetime) -> PoolAdmission:
    """Let the pool stand for a loan of the bank, in the amount approved. Raises DomainError."""
    if loan.bank_id != by.bank.pk:
        raise DomainError(_("这笔贷款不属于本行。"), code="not_yours")
    if not loan.approved_fen:
        raise DomainError(_("贷款尚未批准，批准后再申请入池。"), code="not_approved")
    amount = loan.approved_fen
    try:
        with told(one_statement=True):
            return PoolAdmission.objects.create(
                pool=pool, loan=loan, bank=by.bank, amount_fen=amount, by=by.user, at=at
            )
    except DomainError as refused:
        if refused.code != "no_room":
            raise
        raise DomainError(_why(pool.pk, amount), code=refused.code) from refused


def end(admission: PoolAdmission, *, by: User, at: dt.datetime) -> None:
    """Nothing more will come back of a loan: its room is free again. Raises DomainError.

    It was compensated, or is written off and no claim is open; the loan is held, so that none is filed now.
    """
    require_duty(by, admission.pool, *APPROVING)
    with told():
        LoanApplication.objects.select_for_update(of=("self",)).get(pk=admission.loan_id)
        ended = PoolAdmission.objects.filter(pk=admission.pk, released_at=None).update(
            released_at=at, released_by=by, release_reason=ReleaseReason.ENDED
        )
    if not ended:
        raise DomainError(_("这笔贷款已经出池。"), code="released")


def _why(pk: int, amount: int) -> str:
    """Why the pool did not take it on, with the figures of this moment."""
    pool = RiskPool.objects.get(pk=pk)
    if pool.state == PoolState.FUSED:
        return _(
            "“%(pool)s”的不良率超过熔断线（%(rate)s%%），已停止受理新贷款；恢复后再申请，进展请询问%(office)s。"
        ) % {"pool": pool.name, "rate": f"{pool.fuse_rate.normalize():f}", "office": pool.department.name}
    if pool.state == PoolState.CLOSED:
        return _("“%(pool)s”已关闭，不再受理。") % {"pool": pool.name}
    return _(
        "“%(pool)s”总容量 %(capacity)s，已用 %(used)s，只剩 %(free)s，不够这笔 %(amount)s（差 %(short)s）。"
        "请减少金额重新批准，等其他贷款还清出池，或请%(office)s补充资金。"
    ) % {
        "pool": pool.name,
        "capacity": format_money(pool.backed_fen),
        "used": format_money(pool.used_fen),
        "free": format_money(pool.free_fen),
        "amount": format_money(amount),
        "short": format_money(max(amount - pool.free_fen, 0)),
        "office": pool.department.name,
    }
