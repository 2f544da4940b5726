"""What the frame of every page shows: who, for which enterprise, unread messages, places, theme."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Enterprise
from finance.pools.duties import READING
from finance.scoring.access import WATCHING, watched_by, watches
from policies.reviewers import departments_of
from portal.accounts.requests import signed_in
from portal.accounts.roles import Role
from portal.kernel.language import reads_chinese
from portal.kernel.workdays import Calendar
from portal.notifications.models import Mailbox
from portal.notifications.services import unread_count
from portal.shell.dates import Deadline, deadline

FIRMS_SHOWN = 6
MOST_TABS = 5
THEME_COOKIE = "theme"
DARK_MEDIA = {"light": "not all", "dark": "all"}
"""The media of dark.css for a chosen theme; without a choice the system decides."""


HANDING_OUT = (Role.DISPATCHER, Role.MEDIATOR, Role.SUPERVISOR)
HANDLING = (Role.HANDLER, Role.LEADER)
SUPERVISING = (Role.SUPERVISOR, Role.LEADER)
REVIEWING = (Role.REVIEWER, Role.LEADER)
PAYING = (Role.PAYMENT_PREPARER, Role.PAYMENT_CONFIRMER, Role.PAYMENT_RELEASER)
DESK_PLACES = (
    (gettext_lazy("收件箱"), "desk_inbox", "inbox", HANDING_OUT),
    (gettext_lazy("我的工单"), "desk_orders", "policy", HANDLING),
    (gettext_lazy("申报审核"), "desk_applications", "done", REVIEWING),
    (gettext_lazy("免申即享"), "desk_enjoy", "same", REVIEWING),
    (gettext_lazy("拨付"), "desk_money", "money", (*PAYING, Role.LEADER)),
    (gettext_lazy("抢单大厅"), "desk_hall", "bell", HANDING_OUT),
    (gettext_lazy("电话登记"), "desk_phone", "phone", (Role.DISPATCHER,)),
    (gettext_lazy("督办"), "desk_supervision", "warn", SUPERVISING),
    (gettext_lazy("共性问题"), "desk_shared", "same", HANDING_OUT),
    (gettext_lazy("统计"), "desk_statistics", "chart", (*HANDING_OUT, Role.LEADER)),
    (gettext_lazy("申报统计"), "desk_application_figures", "chart", (Role.SUPERVISOR,)),
    (gettext_lazy("队伍"), "desk_teams", "facts", HANDING_OUT),
    (gettext_lazy("走访"), "desk_visits", "walk", (*HANDING_OUT, *HANDLING, Role.PAIRED)),
    (gettext_lazy("恳谈会"), "desk_talks", "talk", (*HANDING_OUT, *HANDLING)),
    (gettext_lazy("值班"), "desk_roster", "people", (*HANDING_OUT, *HANDLING)),
)
"""Pages of a desk, each with the roles that see it in the navigation."""
FINANCE_PAGES = ("desk_finance", "desk_loans", "desk_pool", "desk_whitelist", "desk_ranking", "desk_scor")
"""How the addresses of finance at a desk are named."""
FINANCE_PLACES = (
    (gettext_lazy("普惠金融"), "desk_finance", "home", READING),
    (gettext_lazy("风险补偿金池"), "desk_pools", "money", READING),
    (gettext_lazy("白名单"), "desk_whitelists", "facts", READING),
    (gettext_lazy("评分监测"), "desk_scoring", "chart", WATCHING),
)
"""At the desk of the office that keeps finance these come first."""


NAV_SHOWN = 8
"""How many places there is room for at the head of a wide page."""


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    label: str
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Folded:
    """Places as there is room for them: those shown, and the rest."""

    shown: list[Place]
    rest: list[Place]

    @property
    def current(self) -> bool:
        """Whether the page is one of the rest."""
        return any(place.current for place in self.rest)


def fold(places: list[Place], most: int) -> Folded:
    """The first ones when there are more than `most`, one place being taken by 更多."""
    return Folded(places, []) if len(places) <= most else Folded(places[: most - 1], places[most - 1 :])


@dataclass(frozen=True)
class Search:
    """What the search box of the header looks through."""

    url: str
    label: str
    hint: str


class Shell:
    """Asked by templates/base.html and what it includes. Each answer is computed once, when asked."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self._deadlines: dict[date | None, Deadline] = {}

    @property
    def dark_media(self) -> str:
        return DARK_MEDIA.get(self.request.COOKIES.get(THEME_COOKIE, ""), "(prefers-color-scheme: dark)")

    @property
    def themes(self) -> list[dict[str, object]]:
        chosen = self.request.COOKIES.get(THEME_COOKIE, "auto")
        labels = (("auto", _("跟随系统")), ("light", _("浅色")), ("dark", _("深色")))
        return [{"key": key, "label": label, "current": key == chosen} for key, label in labels]

    @property
    def county(self) -> str:
        return settings.COUNTY_NAME

    @property
    def person(self) -> str:
        user = self.request.user
        return getattr(user, "name", "") or user.get_username()

    @cached_property
    def calendar(self) -> Calendar:
        """Working days, for every deadline on the page."""
        return Calendar.load()

    def deadline(self, until: date | None) -> Deadline:
        """How long is left, in words; many rows of a page end on the same day."""
        if until not in self._deadlines:
            self._deadlines[until] = deadline(until, timezone.localdate(), self.calendar.workdays_between)
        return self._deadlines[until]

    @cached_property
    def enterprises(self) -> list[Enterprise]:
        """The first few enterprises the user acts for; the switcher page has all."""
        return list(Enterprise.objects.visible_to(self.request.user).order_by("name", "pk")[:FIRMS_SHOWN])

    @cached_property
    def enterprise(self) -> Enterprise | None:
        """The one acted for, named by the address. Views put it on the request once they have checked it."""
        return getattr(self.request, "enterprise", None)

    @property
    def unread(self) -> int:
        return self._bell[0]

    @property
    def inbox_url(self) -> str:
        return self._bell[1]

    def take_unread(self, count: int) -> None:
        """A page that has counted the unread messages of its enterprise spares the header the query."""
        self._bell = count, reverse("enterprise_messages", args=[self.enterprise.pk])  # type: ignore[union-attr]

    @cached_property
    def _bell(self) -> tuple[int, str]:
        """How many messages are unread and where they are read: those of the enterprise acted for; on other
        pages the user's own, or those of the only enterprise there is when the user has none."""
        person = signed_in(self.request)
        if not self.enterprise:
            own = unread_count(Mailbox.objects.filter(user=person.pk), person)
            if own or len(self.enterprises) != 1:
                return own, reverse("messages")
        firm = self.enterprise or self.enterprises[0]
        theirs = unread_count(Mailbox.objects.filter(pk=firm.mailbox_id), person)
        return theirs, reverse("enterprise_messages", args=[firm.pk])

    @cached_property
    def nav(self) -> list[Place]:
        if self.enterprise:
            return self._enterprise_places()
        if provider := getattr(self.request, "provider", None):
            return self._provider_places(provider.pk)
        if banker := getattr(self.request, "bank_actor", None):
            return self._bank_places(banker.bank.pk)
        if desk := getattr(self.request, "desk", None):
            return self._desk_places(desk)
        places = [
            self._place(_("首页"), "home", "home"),
            self._place(_("查政策"), "policies", "policy"),
            self._place(_("找服务"), "services", "people"),
            self._place(_("找贷款"), "finance", "money"),
        ]
        if self.request.user.is_authenticated:
            places.append(self._place(_("我的企业"), "enterprises", "facts"))
            if self.has_desk:
                places.append(self._place(_("工单台"), "desks", "inbox"))
            places += [
                self._place(_("普惠金融"), "desk_finance", "chart", office) for office in self._finance
            ]
        return [*places, self._place(_("帮助"), "help", "help")]

    @property
    def nav_folded(self) -> Folded:
        """The places at the head of a wide page, and those under 更多."""
        return fold(self.nav, NAV_SHOWN if reads_chinese() else NAV_SHOWN - 2)  # other words are longer

    @property
    def tabbar(self) -> list[Place]:
        """At most five places at the foot of a phone: messages give way, their bell is in every header."""
        if not self.request.user.is_authenticated:
            public = [place for place in self.nav if place.icon != "help"]  # its link is at every foot
            return [*public, self._place(_("登录"), "account_login", "me")]
        return self._phone_places[:MOST_TABS]

    @property
    def more(self) -> list[Place]:
        """What the foot of a phone has no room for: it is in the menu of the header."""
        return self._phone_places[MOST_TABS:] if self.request.user.is_authenticated else []

    @property
    def _phone_places(self) -> list[Place]:
        """As at the head; of an enterprise without messages, and its money and its loans are one place."""
        if not self.enterprise:
            return self.nav
        key = self.enterprise.pk
        money, loans = (reverse(name, args=[key]) for name in ("enterprise_money", "enterprise_finance"))
        both = Place(_("资金贷款"), money, "money", self.request.path.startswith((money, loans)))
        return [both if place.url == money else place for place in self.nav if place.icon != "bell"]

    def _enterprise_places(self) -> list[Place]:
        key = self.enterprise.pk  # type: ignore[union-attr]
        return [
            self._place(_("首页"), "enterprise_home", "home", key),
            self._place(_("我的政策"), "enterprise_policies", "policy", key),
            self._place(_("我的申报"), "enterprise_applications", "apply", key),
            self._place(_("资金"), "enterprise_money", "money", key),
            self._place(_("诉求"), "enterprise_appeals", "inbox", key),
            self._place(_("贷款"), "enterprise_finance", "chart", key),
            self._place(_("企业信息"), "enterprise_facts", "facts", key, also="enterprise_consents"),
            self._place(_("消息"), "enterprise_messages", "bell", key),
            self._place(_("成员"), "enterprise_members", "people", key),
            self._place(_("恳谈走访"), "enterprise_talks", "talk", key, also="enterprise_visits"),
        ]

    def _provider_places(self, key: int) -> list[Place]:
        return [
            self._place(_("抢单大厅"), "provider_hall", "bell", key),
            self._place(_("我的工单"), "provider_orders", "inbox", key),
            self._place(_("找服务"), "services", "people"),
            self._place(_("帮助"), "help", "help"),
        ]

    def _bank_places(self, key: int) -> list[Place]:
        inbox, path = reverse("bank_inbox", args=[key]), self.request.path
        at_loans = path == inbox or path.startswith(f"{inbox}loans/")
        return [
            Place(_("贷款申请"), inbox, "inbox", at_loans),
            self._place(_("抢单大厅"), "bank_hall", "bell", key),
            self._place(_("放款还款"), "bank_lists", "apply", key),
            self._place(_("资金池"), "bank_pool", "money", key),
            self._place(_("白名单"), "bank_whitelists", "facts", key),
            self._place(_("帮助"), "help", "help"),
        ]

    @property
    def search(self) -> Search:
        """At a desk its orders or else its applications, whichever its roles open; else what is public.

        Among applications, applications, and among loans, loans: a leader's roles open all of them.
        """
        if banker := getattr(self.request, "bank_actor", None):
            url = reverse("bank_inbox", args=[banker.bank.pk])
            return Search(url, _("搜贷款：编号、企业、信用代码、本行贷款编号"), _("搜贷款"))
        desk = getattr(self.request, "desk", None)
        match = self.request.resolver_match
        finance = bool(match and str(match.url_name).startswith(FINANCE_PAGES))
        if desk and finance and watches(desk.department):
            url = reverse("desk_loans", args=[desk.department.pk])
            return Search(url, _("搜贷款：编号、企业、信用代码"), _("搜贷款"))
        reviews = bool(match and str(match.url_name).startswith("desk_application"))
        if desk and not reviews and desk.holds(*HANDING_OUT, *HANDLING):
            name = "desk_inbox" if desk.holds(*HANDING_OUT) else "desk_orders"
            url = reverse(name, args=[desk.department.pk])
            return Search(url, _("搜诉求：编号、标题、内容、企业"), _("搜诉求"))
        if desk and desk.holds(*REVIEWING):
            url = reverse("desk_applications", args=[desk.department.pk])
            return Search(url, _("搜申报：编号、企业、信用代码"), _("搜申报"))
        return Search(reverse("search"), _("搜政策、文件、办事说明"), _("搜政策"))

    @property
    def is_official(self) -> bool:
        """Whether the user works for an authority: in the admin or in any posting."""
        if not self.request.user.is_authenticated:
            return False
        person = signed_in(self.request)
        return person.is_staff or person.postings.exists()

    @property
    def has_desk(self) -> bool:
        """Whether any of the user's roles works at a desk, or they stand in today for somebody who does."""
        person = signed_in(self.request)
        working = (*HANDING_OUT, *HANDLING, *PAYING, Role.REVIEWER, Role.PAIRED)
        if any(person.has_role(role) for role in working):
            return True
        return bool(person.roles and (departments_of(person) or self._finance))  # officials stand in

    @cached_property
    def _finance(self) -> set[int]:
        """The office that keeps finance, if the user has a role there that looks at it."""
        return watched_by(signed_in(self.request))

    def _desk_places(self, desk: Any) -> list[Place]:
        """What the user's roles at this desk are for; a superuser sees all."""
        first = FINANCE_PLACES if watches(desk.department) else ()
        return [
            self._place(str(label), name, icon, desk.department.pk)
            for label, name, icon, roles in (*first, *DESK_PLACES)
            if desk.holds(*roles)
        ]

    def _place(self, label: str, name: str, icon: str, *args: object, also: str = "") -> Place:
        """`also` names pages that are part of the place and lie elsewhere."""
        url = reverse(name, args=args)
        path = self.request.path
        if name in ("home", "enterprise_home", "desk_finance"):
            return Place(label, url, icon, path == url)
        roots = (url, reverse(also, args=args)) if also else (url,)
        return Place(label, url, icon, path.startswith(roots))


def shell_of(request: HttpRequest) -> Shell:
    """The one of this request, so that a view and its page read the calendar once."""
    if not hasattr(request, "_shell"):
        request._shell = Shell(request)  # type: ignore[attr-defined]
    return request._shell  # type: ignore[attr-defined]


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor."""
    return {"shell": shell_of(request)}
