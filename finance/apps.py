"""App registry entry."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

KEPT = ("bank", "branch", "bankofficer", "creditproduct", "productversion")
"""What the county's financial services keep by hand."""
LOOKED_AT = [f"view_{model}*" for model in KEPT]


class FinanceConfig(AppConfig):
    name = "finance"
    label = "finance"
    verbose_name = _("金融")
    role_permissions = {
        "editor": [*LOOKED_AT, *(f"{verb}_{model}" for model in KEPT for verb in ("add", "change"))],
        "publisher": [*LOOKED_AT, "change_productversion"],
        "supervisor": LOOKED_AT,
        "leader": LOOKED_AT,
        "audit_admin": LOOKED_AT,
    }

    def ready(self) -> None:
        from finance.acting import DESK, serves_a_bank
        from portal.accounts.second_factor import guard_desk

        guard_desk(DESK, serves_a_bank)
