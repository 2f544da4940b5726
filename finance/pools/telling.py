"""Messages about pools: to the department that runs one, and to the bank's people who asked for something."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from finance.models import ClaimState, PoolClaim
from finance.pools.duties import APPROVING, OPENING, PAYING, REVIEWING
from portal.accounts.models import Posting
from portal.kernel.language import in_language_of_record
from portal.kernel.money import format_money
from portal.notifications.models import Mailbox
from portal.notifications.services import Draft, send_messages

if TYPE_CHECKING:
    from finance.models import PoolFuse, RiskPool
    from portal.accounts.roles import Role

KIND: Final = "pool"


@in_language_of_record()
def tell_filed(claim: PoolClaim) -> int:
    """Those who review are told that a claim waits for them; returns how many."""
    pool = claim.admission.pool
    title = _("新的代偿申请：%(loan)s，损失 %(loss)s") % {
        "loan": claim.admission.loan.number,
        "loss": format_money(claim.loss_fen),
    }
    return _tell(_boxes(pool, REVIEWING), f"claim:{claim.pk}:filed", title, f"{desk(pool)}claims/{claim.pk}/")


@in_language_of_record()
def tell_decided(claim: PoolClaim) -> int:
    """Who filed is told what became of it."""
    loan = claim.admission.loan.number
    if claim.state == ClaimState.PAID:
        title = _("代偿已拨付：%(loan)s，%(sum)s") % {"loan": loan, "sum": format_money(claim.guarantee_fen)}
    else:
        title = _("代偿申请未通过：%(loan)s，%(why)s") % {"loan": loan, "why": claim.refusal}
    boxes = Mailbox.objects.filter(user=claim.filed_by_id).values_list("pk", flat=True)
    url = f"/bank/{claim.admission.bank_id}/pool/claims/{claim.pk}/"
    return _tell(boxes, f"claim:{claim.pk}:{claim.state}", title, url)


@in_language_of_record()
def tell_fused(fuse: PoolFuse) -> int:
    """Those who run the pool are told that it has stopped taking loans on, and why."""
    title = _("“%(pool)s”已熔断：不良 %(bad)s，超过在池 %(used)s 的 %(line)s%%") % {
        "pool": fuse.pool.name,
        "bad": format_money(fuse.bad_fen),
        "used": format_money(fuse.used_fen),
        "line": fuse.fuse_rate,
    }
    roles = (*OPENING, *APPROVING, *PAYING)
    return _tell(_boxes(fuse.pool, roles), f"fuse:{fuse.pk}", title, desk(fuse.pool))


def sound(key: str, title: str, body: str, pools: Iterable[RiskPool]) -> int:
    """An alarm about the books, to those who lead and pay where a pool is run; returns how many are told."""
    told = 0
    for pool in pools:
        boxes = _boxes(pool, (*APPROVING, *PAYING))
        told += _tell(boxes, f"{key}:{pool.department_id}", title, f"{desk(pool)}books/", body)
    return told


def desk(pool: RiskPool) -> str:
    """Where the department works with its pools."""
    return f"/desk/{pool.department_id}/finance/pools/"


def _boxes(pool: RiskPool, roles: Iterable[Role]) -> list[int]:
    posted = Posting.objects.filter(department=pool.department_id, role__in=roles, user__is_active=True)
    users = posted.values_list("user", flat=True)
    return list(Mailbox.objects.filter(user__in=users).order_by("pk").values_list("pk", flat=True))


def _tell(boxes: Iterable[int], key: str, title: str, url: str, body: str = "") -> int:
    return send_messages(
        Draft(mailbox=box, key=f"pool:{key}", kind=KIND, title=title, body=body, url=url) for box in boxes
    )
