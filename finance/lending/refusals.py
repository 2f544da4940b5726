"""What the database refuses about loans, in words: somebody was faster, or a service did not foresee it."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _

from portal.kernel.refusals import Words, telling

_SAID: Final[Words] = {
    "finance_loan_one_underway": (
        "duplicate",
        _("企业在这家银行已有一笔正在办理的申请，请先办完或撤回那一笔。"),
    ),
    "finance_loan_one_open": ("duplicate", _("已有一笔申请正面向全部银行，请等它有结果或先撤回。")),
    "finance_loan_filed_once": ("filed", _("这份申请已经提交过，请在“我的贷款”查看。")),
    "finance_loan_one_first": ("changed", _("这家企业刚刚有了另一笔放款，请刷新后重试。")),
    "finance_loan_bank_number_once": ("number_used", _("本行已有一笔贷款用了这个编号，请核对。")),
    "finance_loan_consented": ("no_consent", _("授权与这笔申请不符，请企业重新授权。")),
    "finance_loan_decided_under_consent": (
        "consent_ended",
        _("企业刚刚撤回了授权，重新授权之前不能批准或签约，没有任何变化。"),
    ),
    "finance_loan_renewal": ("not_renewed", _("所续的贷款须是同一企业在本行放过款的另一笔。")),
    "finance_loan_branch": ("branch", _("网点不是这家银行的，请重新选择。")),
    "finance_loan_drawn_within": (
        "above_approval",
        _("放款合计超过批准金额，没有入账。请核对金额；确需多放的，请企业另行申请。"),
    ),
    "finance_loan_repaid_within": ("above_drawn", _("归还本金超过放款余额，没有入账。请核对金额。")),
    "finance_drawdown_serial_once": ("serial_used", _("本行已有这个放款流水号，没有重复入账。")),
    "finance_repayment_serial_once": ("serial_used", _("本行已有这个还款流水号，没有重复入账。")),
    "finance_drawdown_now": ("not_now", _("放款日不能早于签约日，贷款须在存续期内。")),
    "finance_repayment_now": ("not_now", _("还没有放款，或还款日早于首次放款日，请核对。")),
    "finance_loanreversal_drawdown_id_key": ("reversed", _("这一笔已经冲正过，没有任何变化。")),
    "finance_loanreversal_repayment_id_key": ("reversed", _("这一笔已经冲正过，没有任何变化。")),
    "finance_loanreversal_now": ("not_now", _("这笔贷款现在不能冲正，请刷新页面查看最新状态。")),
    "finance_loanfile_once": ("file_known", _("同一文件已经上传过。")),
}

told: Final = partial(telling, _SAID)
"""All or nothing, and a refusal of the database that people can act on as a DomainError."""
