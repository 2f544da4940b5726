"""Where officials prepare, publish, withdraw and watch policies, and look at what is applied for."""

from policies.admin.applying import (
    AmendmentAdmin,
    ApplicationAdmin,
    EvidenceAdmin,
    OpinionAdmin,
    PublicNoticeAdmin,
)
from policies.admin.documents import PolicyDocumentAdmin
from policies.admin.enjoying import EnjoyCandidateAdmin, EnjoyNoticeAdmin, EnjoyPlanAdmin, EnjoyRunAdmin
from policies.admin.items import PolicyItemAdmin
from policies.admin.money import (
    AwardAdmin,
    BudgetLineAdmin,
    CorrectionAdmin,
    FreezeAdmin,
    InstructionFileAdmin,
    MoneyInvariantAdmin,
    PayeeAccountAdmin,
    PaymentAdmin,
    PaymentBatchAdmin,
    ReturnFileAdmin,
)
from policies.admin.pushes import PushAdmin
from policies.admin.reviewing import OpinionTemplateAdmin, ReviewDelegationAdmin
from policies.admin.versions import ItemVersionAdmin

__all__ = [
    "AmendmentAdmin",
    "ApplicationAdmin",
    "AwardAdmin",
    "BudgetLineAdmin",
    "CorrectionAdmin",
    "EnjoyCandidateAdmin",
    "EnjoyNoticeAdmin",
    "EnjoyPlanAdmin",
    "EnjoyRunAdmin",
    "EvidenceAdmin",
    "FreezeAdmin",
    "InstructionFileAdmin",
    "ItemVersionAdmin",
    "MoneyInvariantAdmin",
    "OpinionAdmin",
    "OpinionTemplateAdmin",
    "PayeeAccountAdmin",
    "PaymentAdmin",
    "PaymentBatchAdmin",
    "PolicyDocumentAdmin",
    "PolicyItemAdmin",
    "PublicNoticeAdmin",
    "PushAdmin",
    "ReturnFileAdmin",
    "ReviewDelegationAdmin",
]
