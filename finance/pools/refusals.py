"""What the database refuses about pools, in words: somebody was faster, or a service did not foresee it."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from portal.kernel.refusals import Words, telling

_SAID: Final[Words] = {
    "finance_pooladmission_room": (
        "no_room",
        _("资金池已停止受理，或剩余容量不足。请刷新页面查看剩余容量。"),
    ),
    "finance_pooladmission_now": (
        "not_approved",
        _("只有银行已批准、尚未放款的贷款可以入池，金额须与批准金额一致。请刷新页面。"),
    ),
    "finance_pooladmission_bank": ("not_partner", _("本行不是这个资金池的合作银行，请联系主管部门。")),
    "finance_pooladmission_months": ("too_long", _("贷款期限超过资金池的最长期限。")),
    "finance_pooladmission_purpose": ("purpose", _("贷款用途不在资金池的受理范围。")),
    "finance_pooladmission_product": ("product", _("贷款产品不在资金池的受理范围。")),
    "finance_pooladmission_firm": ("firm_cap", _("这家企业在池贷款超过单户上限。")),
    "finance_pooladmission_objectable": (
        "not_objectable",
        _("异议期已过，或贷款已经逾期，不能再提出异议。"),
    ),
    "finance_pooladmission_loan_id_key": ("admitted", _("这笔贷款已经入池，不用重复申请。")),
    "finance_pooladmission_ended": (
        "not_ended",
        _("贷款还没有结束：补偿之后，或已核销且没有在办的代偿申请，才能出池。"),
    ),
    "finance_riskpool_within": ("below_used", _("总容量不能低于已用额度，请先等贷款出池再调减。")),
    "finance_riskpool_not_negative": ("overdrawn", _("资金池余额不足，请先补充资金。")),
    "finance_poolclaim_once": ("claimed", _("这笔贷款已经申请过代偿，请查看原申请。")),
    "finance_poolclaim_loss": (
        "no_loss",
        _("只有在池、已逾期或已核销的贷款可以申请代偿，损失不能超过未归还的本金。"),
    ),
    "finance_poolclaim_still_lost": (
        "paid_back",
        _("申请之后企业已归还部分本金，损失不再是原来的数。请不予补偿，由银行按现在的损失重新申请。"),
    ),
    "finance_poolclaim_documented": ("no_documents", _("代偿申请没有材料，请银行补齐后再审核。")),
    "finance_poolclaim_four_eyes": (
        "four_eyes",
        _("申请、审核、批准须由三个不同的人办理，请由另一人办理。"),
    ),
    "finance_poolclaim_paid_by_another": (
        "four_eyes",
        _("申请、审核、批准过这笔代偿的人不能登记拨付，请由另一人办理。"),
    ),
    "finance_poolclaim_serial_plain": ("serial_odd", _("凭证号里有不能识别的字符，请核对。")),
    "finance_poolrecovery_serial_plain": ("serial_odd", _("凭证号里有不能识别的字符，请核对。")),
    "finance_poolclaim_code_once": ("used_code", _("这个动态码已经用过，请等下一个。")),
    "finance_poolreceipt_once": ("receipt_used", _("这份回单已经用于另一笔代偿，请核对。")),
    "finance_poolclaim_serial_once": ("paid_before", _("这个拨付凭证号已经登记过，请核对凭证。")),
    "finance_poolclaimfile_in_time": ("too_late", _("申请已进入审核，不能再增加材料。")),
    "finance_poolclaimfile_once": ("same_file", _("同一文件已经上传过。")),
    "finance_poolrecovery_paid": ("not_paid", _("只有已拨付的代偿可以登记回款。")),
    "finance_poolrecovery_serial_key": ("recovered_before", _("这个回款凭证号已经登记过，请核对凭证。")),
    "finance_poolclaim_recovered_within": ("too_much", _("追回合计不能超过损失。")),
    "finance_poolclaim_returned": ("share_changed", _("刚有另一笔回款登记，请刷新页面后重试。")),
    "finance_poolfuse_four_eyes": ("four_eyes", _("申请恢复的人不能自己同意，请由另一人办理。")),
    "finance_riskpool_closed": ("in_use", _("还有贷款在池或代偿没有办完，不能关闭。请刷新页面查看。")),
    "finance_poolsource_closed": (
        "closed",
        _("资金池已关闭，不能再投入资金；清退余额请填负数。"),
    ),
    "finance_riskpool_reopened": ("still_bad", _("不良率仍高于熔断线，不能恢复。")),
}

told: Final = partial(telling, _SAID)
"""All or nothing, and a refusal of the database that people can act on as a DomainError."""
