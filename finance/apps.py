"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

KEPT = ("bank", "branch", "bankofficer", "creditproduct", "productversion", "riskpool")
"""What the county's financial services keep by hand."""
POOLED = ["view_riskpool*", "view_pool*"]
"""Pools, and what the database writes of them."""
LOOKED_AT = [
    *(f"view_{model}*" for model in KEPT),
    *POOLED,
    "view_score*",
    "view_loanapplication",
    "view_loanevent",
]
SCORED_BY = ["change_scoreversion", "*_scorecharacteristic", "*_scorebin"]
"""The points table; a draft is made from the version in use, never out of nothing."""


class FinanceConfig(AppConfig):
    name = "finance"
    label = "finance"
    verbose_name = _("金融")
    message_topics = {
        "loan": _("贷款进展"),
        "bank_loan": _("贷款办理"),
        "pool": _("风险补偿金池"),
        "whitelist": _("白名单"),
    }
    guarded_topics = {"loan", "bank_loan", "pool", "whitelist"}
    role_permissions = {
        "editor": [
            *LOOKED_AT,
            *(f"{verb}_{model}" for model in KEPT for verb in ("add", "change")),
            *SCORED_BY,
        ],
        "publisher": [*LOOKED_AT, "change_productversion", "change_scoreversion"],
        "supervisor": LOOKED_AT,
        "leader": LOOKED_AT,
        "audit_admin": LOOKED_AT,
        **dict.fromkeys(("reviewer", "payment_preparer", "payment_confirmer", "payment_releaser"), POOLED),
        "system_admin": [
            "view_loantarget",
            "change_loantarget",
            "*_loanreminder",
            "add_bankclient",
            "change_bankclient",
            "view_bank*",
        ],
        "security_admin": ["view_bankclient*"],
    }

    def ready(self) -> None:
        from finance.acting import DESK, serves_a_bank
        from finance.lending import consenting, telling  # noqa: F401 - they listen to what becomes of consents
        from finance.lending.seeding import seed_reference
        from finance.rankings.seeding import seed_ranking
        from finance.scoring.cards import forget
        from finance.scoring.seeding import seed_scores
        from portal.accounts.second_factor import guard_desk

        guard_desk(DESK, serves_a_bank)
        post_migrate.connect(seed_reference, sender=self, dispatch_uid="finance.lending")
        post_migrate.connect(forget, dispatch_uid="finance.scoring.cards")  # a flush tells of itself by this
        post_migrate.connect(seed_scores, sender=self, dispatch_uid="finance.scoring")
        post_migrate.connect(seed_ranking, sender=self, dispatch_uid="finance.rankings")
