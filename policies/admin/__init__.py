"""Where officials prepare, publish, withdraw and watch policies."""

from policies.admin.documents import PolicyDocumentAdmin
from policies.admin.items import PolicyItemAdmin
from policies.admin.pushes import PushAdmin
from policies.admin.versions import ItemVersionAdmin

__all__ = ["ItemVersionAdmin", "PolicyDocumentAdmin", "PolicyItemAdmin", "PushAdmin"]
