"""The county as the stories find it: who files, who works where, who is away, which firms serve."""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

from appeals.enums import Standing
from appeals.models import Category, Provider, ProviderMember, ServiceItem
from appeals.rota import Rota
from enterprises.models import Enterprise, Membership
from enterprises.models.membership import MemberRole
from enterprises.models.reference import Region
from portal.accounts.models import Department, Officer, Section, User
from portal.accounts.models.officers import Rank
from portal.shell.demo.appeals.book import Sheet
from portal.shell.demo.appeals.texts import audiences_of
from portal.shell.demo.people import UNCLAIMED
from portal.shell.demo.registering import open_accounts
from portal.shell.demo.showcase import HUBS, LESSONS

LIKELY: Final = {"company": 8.0, "individual": 1.0, "cooperative": 4.0, "family_farm": 2.0}
"""How much more often one kind files than another."""


class Staff:
    """Officers by department, with who is away when."""

    def __init__(self, first: dt.date, last: dt.date) -> None:
        officers = list(Officer.objects.select_related("user", "section", "department").order_by("pk"))
        self._rota = Rota(officers, first, last)
        self._of: dict[int, list[Officer]] = defaultdict(list)
        for officer in officers:
            self._of[officer.department_id].append(officer)

    def present(self, officer: Officer | None, day: dt.date) -> Officer | None:
        """Who does the officer's work on the day; or nobody."""
        return self._rota.present(officer, day)

    def officer_of(self, user: User, department: Department) -> Officer | None:
        """The user as an officer of the department."""
        return next((each for each in self._of[department.pk] if each.user_id == user.pk), None)

    def higher(self, department: Department, before: Sheet, day: dt.date) -> Officer | None:
        """As `appeals.higher`: the next higher officer present than those who had the order."""
        had = [each.rank for each in (before.now("leader"), before.now("handler")) if each is not None]
        able = [each for each in self._there(department, day) if each.rank > max(had, default=Rank.STAFF)]
        return min(able, key=lambda each: (each.rank, each.pk), default=None)

    def highest(self, department: Department, day: dt.date) -> Officer | None:
        """The highest officer present."""
        return min(self._there(department, day), key=lambda each: (-each.rank, each.pk), default=None)

    def leader(self, department: Department, day: dt.date) -> Officer | None:
        """A deputy for whom somebody is there."""
        deputies = [each for each in self._of[department.pk] if each.rank == Rank.DEPUTY]
        return next((each for each in deputies if self.present(each, day)), None)

    def people(self, section: Section, region: str, day: dt.date) -> list[Officer]:
        """Who works in a section, of a town's office those of the town, as far as somebody stands in."""
        own = [each for each in self._of[section.department_id] if each.section_id == section.pk]
        local = [each for each in own if region and each.title.startswith(region)] or own
        staff = [each for each in local if each.user_id and each.rank == Rank.STAFF]
        return [each for each in staff if self.present(each, day)]

    def worker(self, sheet: Sheet) -> User:
        """Who works on the order: its handler, else somebody of the section, else of the department."""
        handler: Any = sheet.now("handler")
        if handler is not None and handler.user_id:
            return handler.user
        department, section = sheet.now("department"), sheet.now("section")
        able = [each for each in self._of[department.pk] if each.user_id and each.rank == Rank.STAFF]
        near = [each for each in able if section is not None and each.section_id == section.pk]
        return (near or able)[0].user  # type: ignore[return-value]

    def somebody(self, department: Department) -> User | None:
        """An account of the department's people."""
        able = [each for each in self._of[department.pk] if each.user_id and each.rank == Rank.STAFF]
        return able[0].user if able else None

    def _there(self, department: Department, day: dt.date) -> list[Officer]:
        return [each for each in self._of[department.pk] if self.present(each, day) == each]


@dataclass
class Firm:
    """An enterprise that files: who files for it, where it is, what it may say."""

    enterprise: Enterprise
    owner: User
    town: str
    audiences: frozenset[str]
    phone: str
    shown: bool = False
    """Whether the demo's people act for it: its stories are chosen, not drawn."""


@dataclass
class County:
    """All that stories are about."""

    people: dict[str, User]
    staff: Staff
    firms: list[Firm] = field(default_factory=list)
    departments: dict[str, Department] = field(default_factory=dict)
    sections: dict[tuple[str, str], Section] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    services: dict[str, list[ServiceItem]] = field(default_factory=dict)
    serving: dict[str, list[Provider]] = field(default_factory=dict)
    members: dict[int, User] = field(default_factory=dict)

    @classmethod
    def load(cls, people: dict[str, User], staff: Staff, random_: random.Random, firms: int) -> County:
        """The county as it stands in the database; firms that file and firms that serve get people."""
        departments = {each.code: each for each in Department.objects.all()}
        codes = {each.pk: code for code, each in departments.items()}
        county = cls(people, staff, _firms(people, random_, firms), departments)
        county.sections = {
            (codes[each.department_id], each.name): each
            for each in Section.objects.select_related("department")
        }
        county.categories = {each.key: each for each in Category.objects.all()}
        county._providers()
        return county

    def firm(self, uscc: str) -> Firm | None:
        """One of the firms by its credit code."""
        return next((each for each in self.firms if each.enterprise.uscc == uscc), None)

    def _providers(self) -> None:
        offered: dict[str, list[ServiceItem]] = defaultdict(list)
        rows = ServiceItem.objects.filter(active=True).exclude(provider__standing=Standing.REMOVED)
        for item in rows.select_related("provider__department", "provider__team", "category").order_by("pk"):
            offered[item.category.key].append(item)
        self.services = dict(offered)
        self.serving = {
            key: list({item.provider_id: item.provider for item in items}.values())
            for key, items in offered.items()
        }
        members = ProviderMember.objects.select_related("user").order_by("-pk")
        self.members = {member.provider_id: member.user for member in members}
        lonely = [each for each in Provider.objects.order_by("pk") if each.pk not in self.members]
        users = open_accounts((f"provider-{each.pk}", each.name[:20]) for each in lonely)
        for provider, user in zip(lonely, users, strict=True):
            self.members[provider.pk] = user
        ProviderMember.objects.bulk_create(
            ProviderMember(provider=provider, user=user) for provider, user in zip(lonely, users, strict=True)
        )


def _firms(people: dict[str, User], random_: random.Random, count: int) -> list[Firm]:
    """Enterprises that file now and then, the showpieces first; each with an account of its owner."""
    every = list(Enterprise.objects.exclude(uscc=UNCLAIMED).order_by("pk"))
    weights = [LIKELY.get(each.entity_type, 1.0) for each in every]
    drawn = {each.pk: each for each in random_.choices(every, weights, k=count)}
    shown = {each.uscc: each for each in every if each.uscc in (HUBS, LESSONS)}
    chosen = [*shown.values(), *(each for each in drawn.values() if each.uscc not in shown)]
    towns = dict(Region.objects.values_list("code", "name"))
    owners = {HUBS: people["hub"], LESSONS: people["lesson"]}
    others = [each for each in chosen if each.uscc not in owners]
    users = open_accounts((f"e-{each.uscc}", each.legal_person) for each in others)
    Membership.objects.bulk_create(
        Membership(enterprise=each, user=user, role=MemberRole.LEGAL_REPRESENTATIVE)
        for each, user in zip(others, users, strict=True)
    )
    owners |= {each.uscc: user for each, user in zip(others, users, strict=True)}
    return [
        Firm(
            each,
            owners[each.uscc],
            towns.get(each.region_id or "", "城区"),
            audiences_of(each.industry or "7259"),
            f"1990000{number % 10_000:04d}",
            each.uscc in shown,
        )
        for number, each in enumerate(chosen, 1)
    ]
