"""Figures that must always hold: what each row of the view means, and which of them do not."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from policies.models import MoneyInvariant

MEANINGS: Final[dict[str, Promise]] = {
    "budget_lines": _("各指标的在途、已支付等于其记账之和"),
    "within_budget": _("各指标的在途与已支付之和不超过下达金额"),
    "transfers": _("每笔拨付的记账与其状态、金额、指标一致"),
    "paid_once": _("每笔应付资金至多有一笔有效拨付"),
    "period_once": _("同一企业同一事项同一年度不重复拨付"),
    "as_awarded": _("每笔拨付的金额、企业与应付资金一致，账户属于该企业"),
    "awards": _("应付总额等于已到账、在途、待下达与待拨付之和"),
    "batches": _("各批次的笔数、合计与其拨付一致"),
    "signatures": _("已确认、已下达的批次由三人办理，签署的是同一内容"),
    "instructions": _("每个已下达批次有一份笔数、合计一致的指令文件"),
    "released": _("拨付的下达与其批次一致，已办结的批次没有未决拨付"),
    "answers": _("已到账、已退回的拨付都有金额一致的国库回单"),
    "files": _("入账的回单都出自已入账的文件，答的是自己的批次"),
}


def figures() -> list[MoneyInvariant]:
    """All of them, those that do not hold first: one query."""
    return list(MoneyInvariant.objects.order_by("-broken", "name"))


def broken() -> list[MoneyInvariant]:
    """Those that do not hold: none, or something is badly wrong."""
    return [figure for figure in figures() if figure.broken]
