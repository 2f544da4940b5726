"""App registry entry."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

APPLICATIONS = [
    "view_application*",
    "view_amendment*",
    "view_opinion",
    "view_evidence",
    "view_publicnotice",
    "view_objection",
    "view_steptarget",
    "view_stepreminder",
    "view_enjoy*",
]
"""What who reviews may look at in the back office; of which departments, the admin says."""

MONEY = [
    "view_award",
    "view_budgetline",
    "view_correction*",
    "view_freeze",
    "view_instructionfile",
    "view_moneyinvariant",
    "view_payeeaccount",
    "view_payment*",
    "view_batchsignature",
    "view_returnfile*",
    "view_transfer",
]
"""What who pays may look at in the back office. Nobody who pays keeps the budget."""


class PoliciesConfig(AppConfig):
    name = "policies"
    label = "policies"
    verbose_name = _("政策")
    message_topics = {
        "policy": _("政策"),
        "withdrawal": _("政策撤回"),
        "application": _("申报进展"),
        "review": _("申报审核"),
        "payment": _("资金拨付"),
        "enjoy": _("免申即享"),
    }
    guarded_topics = {"application", "review", "payment", "enjoy"}
    role_permissions = {
        "editor": [
            "view_*",
            "add_policydocument",
            "change_policydocument",
            "add_policyitem",
            "change_policyitem",
            "add_itemversion",
            "change_itemversion",
            "add_versionsource",
            "change_versionsource",
            "delete_versionsource",
        ],
        "publisher": ["view_*", "change_itemversion"],
        "payment_preparer": MONEY,
        "payment_confirmer": MONEY,
        "payment_releaser": MONEY,
        "reviewer": [*APPLICATIONS, "*_opiniontemplate", "*_reviewdelegation", "*_enjoyplan"],
        "supervisor": ["view_*"],
        "leader": [
            "view_*",
            "*_opiniontemplate",
            "*_reviewdelegation",
            "*_enjoyplan",
            "add_budgetline",
            "change_budgetline",
        ],
        "audit_admin": ["view_*"],
        "system_admin": ["view_steptarget", "change_steptarget", "*_stepreminder"],
    }

    def ready(self) -> None:
        from policies.book import forget
        from policies.seeding import seed_reference

        post_migrate.connect(forget, dispatch_uid="policies.book")  # a flush tells of itself by this too
        post_migrate.connect(seed_reference, sender=self)
