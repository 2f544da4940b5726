"""The admin's menu, by task and by what the official may see, and the desk it opens with."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from enterprises.models import Claim, ClaimState
from finance.scoring.access import watched_by
from policies.access import prepares
from policies.enums import VersionState
from policies.models import ItemVersion, Push
from portal.accounts.models import User
from portal.kernel.models import Progress

FINANCE = _("金融")
FINANCE_PAGES = (
    (_("普惠金融总览"), "desk_finance", "dashboard"),
    (_("评分监测"), "desk_scoring", "monitoring"),
    (_("银行赛马"), "desk_ranking", "leaderboard"),
)
"""At the finance desk: whoever keeps banks, products and scores here looks at what became of them there."""
MENU: tuple[tuple[Promise, bool, dict[str, str]], ...] = (
    (
        _("政策"),
        False,
        {
            "policies.ItemVersion": "edit_document",
            "policies.PolicyItem": "fact_check",
            "policies.PolicyDocument": "description",
            "policies.Push": "campaign",
        },
    ),
    (
        _("申报"),
        False,
        {
            "policies.Application": "assignment_turned_in",
            "policies.Amendment": "playlist_add_check",
            "policies.Opinion": "forum",
            "policies.PublicNotice": "campaign",
            "policies.Evidence": "verified_user",
            "policies.EnjoyRun": "checklist",
            "policies.EnjoyCandidate": "fact_check",
            "policies.EnjoyNotice": "campaign",
            "policies.EnjoyPlan": "event_repeat",
            "policies.ReviewDelegation": "swap_horiz",
            "policies.OpinionTemplate": "text_snippet",
            "policies.StepTarget": "timer",
            "policies.StepReminder": "notifications_active",
        },
    ),
    (
        _("拨付"),
        False,
        {
            "policies.BudgetLine": "account_balance_wallet",
            "policies.Award": "redeem",
            "policies.PaymentBatch": "payments",
            "policies.Payment": "paid",
            "policies.PayeeAccount": "account_balance",
            "policies.InstructionFile": "upload_file",
            "policies.ReturnFile": "download",
            "policies.Freeze": "ac_unit",
            "policies.Correction": "published_with_changes",
            "policies.MoneyInvariant": "rule",
        },
    ),
    (
        FINANCE,
        False,
        {
            "finance.ProductVersion": "description",
            "finance.CreditProduct": "credit_score",
            "finance.Bank": "account_balance",
            "finance.Branch": "store",
            "finance.BankOfficer": "badge",
            "finance.LoanApplication": "request_quote",
            "finance.RiskPool": "savings",
            "finance.PoolAdmission": "input",
            "finance.PoolClaim": "shield",
            "finance.PoolRecovery": "undo",
            "finance.PoolFuse": "power_off",
            "finance.PoolTransfer": "receipt_long",
            "finance.PoolInvariant": "rule",
            "finance.ScoreModel": "speed",
            "finance.ScoreVersion": "tune",
            "finance.ScoreCharacteristic": "stacked_bar_chart",
            "finance.ScoreComparison": "compare_arrows",
            "finance.ScoreRun": "sync",
            "finance.BankClient": "api",
        },
    ),
    (
        _("企业"),
        False,
        {
            "enterprises.Enterprise": "apartment",
            "enterprises.FactValue": "monitoring",
            "enterprises.Credential": "workspace_premium",
            "enterprises.Import": "upload_file",
            "enterprises.Claim": "how_to_reg",
            "enterprises.Membership": "badge",
            "enterprises.Invitation": "mail",
            "enterprises.ApiKey": "key",
            "enterprises.Consent": "handshake",
            "enterprises.Grantee": "account_balance",
            "enterprises.CodeScan": "qr_code_scanner",
        },
    ),
    (
        _("诉求与服务机构"),
        False,
        {
            "appeals.Appeal": "forum",
            "appeals.WorkOrder": "assignment",
            "appeals.SharedProblem": "hub",
            "appeals.Pairing": "diversity_3",
            "appeals.Visit": "directions_walk",
            "appeals.Talk": "record_voice_over",
            "appeals.TalkTopic": "topic",
            "appeals.Provider": "handshake",
            "appeals.ServiceItem": "storefront",
            "appeals.Rating": "star",
            "appeals.Team": "groups",
            "appeals.RatingWeight": "balance",
            "appeals.ProviderRule": "gavel",
            "appeals.ClockTarget": "timer",
            "appeals.ReminderLevel": "notifications_active",
            "appeals.Shift": "calendar_today",
        },
    ),
    (
        _("匹配"),
        True,
        {
            "matching.Run": "sync",
            "matching.RunResult": "rule",
            "matching.Rule": "account_tree",
            "matching.RuleVersion": "history_edu",
        },
    ),
    (
        _("基础数据"),
        True,
        {
            "enterprises.Fact": "list_alt",
            "enterprises.CredentialKind": "verified",
            "enterprises.CodeList": "format_list_bulleted",
            "enterprises.ReferenceFigure": "query_stats",
            "enterprises.Region": "map",
            "enterprises.Industry": "factory",
            "kernel.WorkdayOverride": "calendar_month",
            "kernel.AnnouncedYear": "event_available",
            "kernel.WorkingPeriod": "schedule",
        },
    ),
    (
        _("人员"),
        False,
        {
            "accounts.User": "person",
            "accounts.Department": "corporate_fare",
            "accounts.Posting": "assignment_ind",
            "accounts.Officer": "person_pin",
            "accounts.Section": "lan",
            "accounts.Absence": "event_busy",
            "auth.Group": "group",
        },
    ),
    (
        _("运行"),
        True,
        {
            "notifications.Message": "chat",
            "notifications.Mailbox": "inbox",
            "notifications.Channel": "campaign",
            "notifications.Delivery": "outgoing_mail",
            "notifications.Topic": "category",
            "notifications.Webhook": "webhook",
            "notifications.WebhookDelivery": "send",
            "notifications.AllowedHost": "shield",
            "kernel.OutboxEntry": "outbox",
            "django_celery_beat.PeriodicTask": "schedule",
        },
    ),
    (
        _("变更历史"),
        True,
        {
            "enterprises.EnterpriseHistory": "history",
            "enterprises.MembershipHistory": "history",
            "enterprises.FactHistory": "history",
            "enterprises.CredentialKindHistory": "history",
            "appeals.PairingHistory": "history",
        },
    ),
)
"""Groups of the menu: title, folded unless one is inside it, and icon of each model."""


@dataclass(frozen=True)
class Waiting:
    """Something that waits for the official: how many, and the list of them."""

    title: Promise
    count: int
    url: str


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu's groups with what the official may look at; empty groups are left out."""
    groups = [(title, folded, list(_items(request, models))) for title, folded, models in MENU]
    for title, _folded, items in groups:
        if title is FINANCE and items:
            items[:0] = _finance_desk(request)
    return [
        {"title": title, "separator": True, "collapsible": folded, "items": items}
        for title, folded, items in groups
        if items
    ]


def desk(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the admin's first page shows beside the menu: the work that waits."""
    may_write = request.user.has_perm("policies.add_itemversion")
    return {
        **context,
        "title": _("工作台"),
        "waiting": list(_waiting(request)),
        "new_item": reverse("admin:policies_itemversion_add") if may_write else "",
    }


def _items(request: HttpRequest, models: dict[str, str]) -> Iterator[dict[str, Any]]:
    for label, icon in models.items():
        meta = apps.get_model(label)._meta
        if request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
            address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
            yield {"title": capfirst(str(meta.verbose_name_plural)), "icon": icon, "link": address}


def _finance_desk(request: HttpRequest) -> Iterator[dict[str, Any]]:
    offices = watched_by(request.user) if isinstance(request.user, User) else ()
    for office in offices:
        for title, name, icon in FINANCE_PAGES:
            yield {"title": title, "icon": icon, "link": reverse(name, args=[office])}


def _waiting(request: HttpRequest) -> Iterator[Waiting]:
    user = request.user
    if isinstance(user, User) and prepares(user):
        mine = ItemVersion.objects.visible_to(user)
        versions = reverse("admin:policies_itemversion_changelist")
        for state, title in ((VersionState.IN_REVIEW, _("待发布事项")), (VersionState.DRAFT, _("事项草稿"))):
            yield Waiting(title, mine.filter(state=state).count(), f"{versions}?state__exact={state}")
    if user.has_perm("policies.view_push"):
        pushes = Push.objects.filter(state__in=(Progress.QUEUED, Progress.RUNNING))
        yield Waiting(_("正在推送"), pushes.count(), reverse("admin:policies_push_changelist"))
    if user.has_perm("enterprises.change_claim"):
        claims = Claim.objects.filter(state=ClaimState.SUBMITTED).count()
        address = reverse("admin:enterprises_claim_changelist")
        yield Waiting(_("待审企业认领"), claims, f"{address}?state__exact={ClaimState.SUBMITTED}")
