"""Where officials prepare, publish, withdraw and watch policies, and look at what is applied for."""

from policies.admin.applying import (
    AmendmentAdmin,
    ApplicationAdmin,
    EvidenceAdmin,
    OpinionAdmin,
    PublicNoticeAdmin,
)
from policies.admin.documents import PolicyDocumentAdmin
from policies.admin.items import PolicyItemAdmin
from policies.admin.pushes import PushAdmin
from policies.admin.reviewing import (
    OpinionTemplateAdmin,
    ReviewDelegationAdmin,
    StepReminderAdmin,
    StepTargetAdmin,
)
from policies.admin.versions import ItemVersionAdmin

__all__ = [
    "AmendmentAdmin",
    "ApplicationAdmin",
    "EvidenceAdmin",
    "ItemVersionAdmin",
    "OpinionAdmin",
    "OpinionTemplateAdmin",
    "PolicyDocumentAdmin",
    "PolicyItemAdmin",
    "PublicNoticeAdmin",
    "PushAdmin",
    "ReviewDelegationAdmin",
    "StepReminderAdmin",
    "StepTargetAdmin",
]
