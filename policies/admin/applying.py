"""Applications as they stand, to be looked at: the desk is where they are reviewed. Drafts are nobody's yet.

Reviewers and leaders see what their departments decide, supervisors and auditors all of it. Who was only
asked for an opinion finds it at the desk: here stand proposals, inner notes and who objected.
"""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from enterprises.models import Membership
from policies.admin.links import link
from policies.enums import ApplicationState
from policies.models import (
    Amendment,
    AmendmentPoint,
    Application,
    ApplicationClock,
    ApplicationEvent,
    ApplicationFile,
    ApplicationRating,
    Evidence,
    Objection,
    Opinion,
    PublicNotice,
    StepTarget,
)
from policies.reviewers import departments_of
from policies.reviewing.desk.timeline import line_of
from portal.accounts.models import User
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.admin import EventInline, ReadOnlyAdmin, ReadOnlyInline
from portal.kernel.money import format_money, money_range

OVERSEEING = (Role.SUPERVISOR, Role.AUDIT_ADMIN)


def seen_by(user: User) -> QuerySet[Application]:
    """What an official may look at here: drafts never, nor what a firm of their own applies for."""
    seen = Application.objects.exclude(state=ApplicationState.DRAFT)
    if user.is_superuser:
        return seen
    own = Membership.objects.current().filter(user=user)
    seen = seen.exclude(enterprise__in=own.values("enterprise"))
    if any(user.has_role(role) for role in OVERSEEING):
        return seen
    return seen.filter(item__department__in=departments_of(user))


class OfApplications(ReadOnlyAdmin):
    """Rows of applications that the official may see; each leads to the review desk."""

    path_to_application = "application"
    list_select_related: list[str] = []
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Of those only, with what lists and pages name of them."""
        seen = seen_by(signed_in(request)).values("pk")
        rows = super().get_queryset(request).filter(**{f"{self.path_to_application}__in": seen})
        return rows.select_related(*self.list_select_related)

    @display(description=_("审核台"))
    def desk(self, row: Any) -> str:
        """The page at the desk of the department that decides."""
        application = row if isinstance(row, Application) else row.application
        address = f"/desk/{application.item.department_id}/applications/{application.number}/"
        return link(address, _("到审核台打开"))


class ApplicationEventInline(EventInline):
    model = ApplicationEvent
    fields = ["at", "actor", "step", "comment", "public"]

    @display(description=_("动作"))
    def step(self, event: ApplicationEvent) -> str:
        """As the desk says it."""
        return line_of(event).label


class ClockInline(ReadOnlyInline):
    """Its deadlines: when begun, due, met, and how far up it was reminded."""

    model = ApplicationClock
    fields = ["named", "opinion", "number", "unit", "started_at", "due_at", "paused_at", "met_at", "level"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApplicationClock]:
        label = StepTarget.objects.filter(key=OuterRef("target")).values("label")
        clocks: QuerySet[ApplicationClock] = super().get_queryset(request)
        return clocks.select_related("opinion__department").annotate(label=Subquery(label))

    @display(description=_("时限"))
    def named(self, row: ApplicationClock) -> str:
        """What the deadline is for; the key of a target that is no more."""
        return getattr(row, "label", None) or row.target


class AmendmentInline(ReadOnlyInline):
    """What was asked for, in one list each."""

    model = Amendment
    fields = ["number", "asked_by", "asked_at", "allowed_by", "answered_at"]
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Amendment]:
        return super().get_queryset(request).select_related("asked_by", "allowed_by")


class OpinionInline(ReadOnlyInline):
    """What departments were asked and said."""

    model = Opinion
    fields = ["department", "question", "stance", "text", "given_by", "given_at", "recalled_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Opinion]:
        return super().get_queryset(request).select_related("department", "given_by")


class EvidenceInline(ReadOnlyInline):
    """What was judged, each time it was sent."""

    model = Evidence
    fields = ["number", "verdict", "as_of", "known_at", "digest", "at"]
    show_change_link = True


class FileInline(ReadOnlyInline):
    """Names only: files are handed out at the desk, where each is asked for by name."""

    model = ApplicationFile
    fields = ["material", "name", "digest", "added_at", "removed_at"]


class RatingInline(ReadOnlyInline):
    """What the enterprise said of how it was served."""

    model = ApplicationRating
    fields = ["stars", "comment", "at"]


@admin.register(Application)
class ApplicationAdmin(OfApplications):
    """One application with everything that happened to it."""

    path_to_application = "pk"
    list_display = ["number", "enterprise", "title", "department", "state", "reviewer", "submitted_at"]
    list_filter = ["state", "outcome", "period", "item__department"]
    list_select_related = ["enterprise", "version", "item__department", "reviewer"]
    search_fields = ["number", "enterprise__name", "enterprise__uscc", "version__title"]
    date_hierarchy = "submitted_at"
    fields = [
        "number",
        "desk",
        "enterprise",
        "title",
        "department",
        "period",
        "state",
        "contact_name",
        "contact_phone",
        "submitted_at",
        "reviewer",
        "outcome",
        "amount",
        "clause",
        "reason",
        "proposed_by",
        "countersigned_by",
        "decided_by",
        "decided_at",
    ]
    readonly_fields = fields
    inlines = [
        ApplicationEventInline,
        ClockInline,
        AmendmentInline,
        OpinionInline,
        EvidenceInline,
        FileInline,
        RatingInline,
    ]

    @display(description=_("事项"), ordering="version__title")
    def title(self, application: Application) -> str:
        """What is applied for."""
        return application.version.title

    @display(description=_("主管部门"), ordering="item__department")
    def department(self, application: Application) -> str:
        """Who decides."""
        return str(application.item.department)

    @display(description=_("核定金额"))
    def amount(self, application: Application) -> str:
        """In words people use."""
        return "—" if application.amount_fen is None else format_money(application.amount_fen)


class PointInline(ReadOnlyInline):
    """Each thing that was wanted."""

    model = AmendmentPoint
    fields = ["wanted", "target", "what", "why", "reply", "done"]


@admin.register(Amendment)
class AmendmentAdmin(OfApplications):
    """Lists of what was to be amended."""

    list_display = ["application", "number", "asked_by", "asked_at", "allowed_by", "answered_at"]
    list_filter = ["number", ("answered_at", admin.EmptyFieldListFilter)]
    list_select_related = ["application__version", "application__item", "asked_by", "allowed_by"]
    search_fields = ["application__number", "application__enterprise__name", "points__what"]
    date_hierarchy = "asked_at"
    fields = ["desk", *list_display]
    readonly_fields = fields
    inlines = [PointInline]


@admin.register(Opinion)
class OpinionAdmin(OfApplications):
    """What departments were asked in joint reviews, and what they said."""

    list_display = ["application", "department", "stance", "asked_at", "given_by", "given_at"]
    list_filter = ["stance", "department"]
    list_select_related = ["application__version", "application__item", "department", "given_by"]
    search_fields = ["application__number", "application__enterprise__name", "question", "text"]
    date_hierarchy = "asked_at"
    fields = ["desk", "application", "department", "question", "asked_by", "asked_at", "stance", "text"]
    fields += ["given_by", "given_at", "recalled_at"]
    readonly_fields = fields


@admin.register(Evidence)
class EvidenceAdmin(OfApplications):
    """What was judged when an application was sent, frozen with its digest."""

    list_display = ["application", "number", "verdict_words", "amount", "as_of", "at", "digest"]
    list_filter = ["verdict", "number"]
    list_select_related = ["application__version", "application__item"]
    search_fields = ["application__number", "application__enterprise__name", "digest"]
    date_hierarchy = "at"
    fields = ["desk", "application", "number", "rule_version", "as_of", "known_at"]
    fields += ["verdict_words", "amount", "shown_content", "digest", "by", "at"]
    readonly_fields = fields

    @display(description=_("结论"), ordering="verdict")
    def verdict_words(self, evidence: Evidence) -> str:
        """As it was said."""
        return str(evidence.content["verdict"])

    @display(description=_("内容"))
    def shown_content(self, evidence: Evidence) -> str:
        """As it is kept, to be read: characters as they are, lines that fit a phone."""
        text = json.dumps(evidence.content, ensure_ascii=False, indent=2)
        return format_html('<pre class="whitespace-pre-wrap break-all">{}</pre>', text)

    @display(description=_("按规则算出的金额"))
    def amount(self, evidence: Evidence) -> str:
        """The interval; nothing where the item gives no money."""
        return "—" if evidence.amount_low is None else money_range(evidence.amount_low, evidence.amount_high)


class ObjectionInline(ReadOnlyInline):
    """Objections, which the public page shows to nobody."""

    model = Objection
    fields = ["name", "phone", "text", "at", "answer", "answered_by", "answered_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Objection]:
        return super().get_queryset(request).select_related("answered_by")


@admin.register(PublicNotice)
class PublicNoticeAdmin(OfApplications):
    """Notices as the public page shows them, with the objections that it does not show."""

    list_display = ["application", "enterprise", "amount", "opened_at", "closes_at", "ended_at"]
    list_filter = [("ended_at", admin.EmptyFieldListFilter), "application__item__department"]
    list_select_related = ["application__version", "application__enterprise", "application__item"]
    search_fields = ["application__number", "application__enterprise__name", "application__version__title"]
    date_hierarchy = "opened_at"
    fields = ["desk", "public_page", *list_display, "opened_by"]
    readonly_fields = fields
    inlines = [ObjectionInline]

    @display(description=_("企业"), ordering="application__enterprise__name")
    def enterprise(self, notice: PublicNotice) -> str:
        """Whose application it is."""
        return notice.application.enterprise.name

    @display(description=_("公示金额"), ordering="amount_fen")
    def amount(self, notice: PublicNotice) -> str:
        """As it was said."""
        return "—" if notice.amount_fen is None else format_money(notice.amount_fen)

    @display(description=_("公示页"))
    def public_page(self, notice: PublicNotice) -> str:
        """What everybody reads."""
        return link(notice.get_absolute_url(), _("看公示页"))
