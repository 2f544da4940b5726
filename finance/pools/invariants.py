"""Figures of pools that must always hold: what each row of the view means, and which of them do not."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from finance.models import PoolInvariant

MEANINGS: Final[dict[str, Promise]] = {
    "capital": _("各资金池的资本金等于资金来源之和"),
    "balance": _("各资金池的余额等于资本金减代偿加追偿归还"),
    "capacity": _("各资金池的容量等于资本金乘放大倍数，已用不超过容量"),
    "used": _("各资金池的已用和不良等于在池贷款之和"),
    "admissions": _("每笔入池贷款的记账与其金额、状态一致"),
    "loans": _("在池贷款的状态、金额、银行与贷款记录一致"),
    "claims": _("每笔代偿按比例分担、合计一分不差，拨付只记一次"),
    "people": _("每笔代偿由不同的人申请、审核、批准、拨付"),
    "recoveries": _("追回款项按比例归还资金池"),
    "fuses": _("超过熔断线的资金池都已停止受理"),
}


def figures() -> list[PoolInvariant]:
    """All of them, those that do not hold first: one query."""
    return list(PoolInvariant.objects.order_by("-broken", "name"))


def broken() -> list[PoolInvariant]:
    """Those that do not hold: none, or something is badly wrong."""
    return [figure for figure in figures() if figure.broken]
