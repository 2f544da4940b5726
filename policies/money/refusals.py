"""What the database refuses about money, in words: somebody was faster, or a service did not foresee it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portal.kernel.refusals import Words, telling

NAMED: Final = 5
"""How many names a refusal lists."""

_SAID: Final[Words] = {
    "policies_award_once": (
        "awarded_twice",
        gettext_lazy("有企业已享受过这个事项的同一年度，请刷新后重试。"),
    ),
    "policies_award_of_application": (
        "not_approved",
        gettext_lazy("申报没有按此金额审定，不能形成应付资金。"),
    ),
    "policies_budgetline_within": (
        "overspent",
        gettext_lazy("预算指标余额不足，未下达。请减少笔数或追加预算后重试。"),
    ),
    "policies_budgetline_ledger": ("ledger_only", gettext_lazy("在途和已支付金额由系统记账，不能修改。")),
    "policies_paymentbatch_digest": (
        "content_changed",
        gettext_lazy("批次内容与签署时不一致，请退回后重新编制、确认。"),
    ),
    "policies_paymentbatch_signed": ("not_signed", gettext_lazy("这一步还没有人签署。")),
    "policies_paymentbatch_three_people": (
        "four_eyes",
        gettext_lazy("编制、确认、下达须由三个不同的人办理，请由另一人办理。"),
    ),
    "policies_batchsignature_code_once": (
        "used_code",
        gettext_lazy("这个动态码已经用过，请等应用显示下一个后再签署。"),
    ),
    "policies_batchsignature_once": ("signed", gettext_lazy("这一步已有人签署，请刷新页面。")),
    "policies_payment_one_live": (
        "paid_twice",
        gettext_lazy("有资金已在另一批次拨付或已到账，请刷新后重试。"),
    ),
    "policies_payment_of_line": ("wrong_line", gettext_lazy("有资金的事项不在这个预算指标的用途里。")),
    "policies_payment_into_draft": ("not_draft", gettext_lazy("批次已经提交，不能再增减。请先退回。")),
    "policies_payment_out_of_draft": ("not_draft", gettext_lazy("批次已经提交，不能再增减。请先退回。")),
    "policies_payment_frozen": ("frozen", gettext_lazy("拨付已被冻结，未下达。解冻后再办理。")),
    "policies_payment_checked": (
        "account_changed",
        gettext_lazy("有企业的收款账户已变更、未核对或被银行退回过，请退回批次，核对后重新编制。"),
    ),
    "policies_accountcheck_outsider": (
        "member",
        gettext_lazy("填报人和该企业的成员不能核对账户，请由其他同事办理。"),
    ),
    "policies_accountcheck_name": (
        "name_differs",
        gettext_lazy("户名与企业名称不一致，不能判为相符；请选“户名不符”并写明原因。"),
    ),
    "policies_freeze_one_live": ("frozen", gettext_lazy("这里已经冻结，不用重复。")),
    "policies_correction_one_open": ("proposed", gettext_lazy("这笔资金已有待决定的更正。")),
}

told: Final = partial(telling, _SAID)
"""All or nothing, and a refusal of the database that people can act on as a DomainError."""


def names_of(names: Iterable[str]) -> str:
    """The first few of many names, and how many they are."""
    listed = sorted(set(names))
    text = "、".join(listed[:NAMED])
    if len(listed) > NAMED:
        text += _("等 %(count)d 家") % {"count": len(listed)}
    return text
