"""Officials of every department: heads, deputies, sections with their people, who is away and who stands in.

Names are invented. Those who work on orders have an account (nobody can sign in with it but the demo's own
people); heads and deputies are known by name alone.
"""

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.hashers import make_password
from django.db import transaction

from appeals.models import Shift
from portal.accounts.models import Absence, Department, Officer, Posting, Section, User
from portal.accounts.models.officers import Rank
from portal.accounts.roles import Role
from portal.kernel.workdays import Calendar
from portal.notifications.models import Mailbox
from portal.shell.demo import names

NOBODY: Final = "market_pool"
"""A destination that is no office: what goes there is for the grab hall."""
TOWNS: Final = "towns"
HEADS: Final = (
    ("人民法院", "院长", "副院长"),
    ("人民检察院", "检察长", "副检察长"),
    ("组织部", "部长", "副部长"),
    ("纪律检查委员会", "书记", "副书记"),
    ("工商业联合会", "主席", "副主席"),
    ("总工会", "主席", "副主席"),
    ("残疾人联合会", "理事长", "副理事长"),
    ("大队", "大队长", "副大队长"),
    ("公司", "总经理", "副总经理"),
    ("海关", "关长", "副关长"),
    ("协会", "会长", "副会长"),
    ("局", "局长", "副局长"),
)
"""Ends of departments' names, and what their first and second are called; elsewhere 主任 and 副主任."""
SECTION_HEADS: Final = {
    "局": "局长",
    "庭": "庭长",
    "室": "主任",
    "部": "主任",
    "处": "秘书长",
    "队": "大队长",
}
REASONS: Final = ("到市里参加培训", "出差招商", "年休假", "驻村工作", "参加专项督查", "病假")
AWAY_NOW: Final = 0.09
AWAY_BEFORE: Final = 0.5
ON_DUTY: Final = ("industry_commerce_federation", "county_office", "economy")
"""Departments with a roster."""


@dataclass(frozen=True, slots=True)
class Post:
    """What an account of `people` is in its department."""

    rank: Rank
    title: str
    section: str = ""


POSTS: Final = {
    "dispatcher": ("industry_commerce_federation", Post(Rank.SECTION_HEAD, "科长", "会员与经济服务科")),
    "handler": ("economy", Post(Rank.STAFF, "一级科员", "中小企业科")),
    "mediator": ("county_office", Post(Rank.SECTION_HEAD, "科长", "综合科")),
    "supervisor": ("county_office", Post(Rank.DEPUTY, "副主任", "督查科")),
    "leader": ("county_office", Post(Rank.COUNTY, "副县长")),
}


def appoint_officials(people: dict[str, User], today: dt.date, seed: int) -> int:
    """Give departments whose sections are empty their people; returns how many officers sections have."""
    random_ = random.Random(seed)  # noqa: S311 - reproducible names
    missing = (
        Department.objects.exclude(officers__section__isnull=False).exclude(code=NOBODY).order_by("code")
    )
    with transaction.atomic():
        for department in missing.prefetch_related("sections"):
            officers = Officer.objects.bulk_create(_drawn(department, random_, people))
            _open_accounts(department, officers)
            Absence.objects.bulk_create(_absences(officers, random_, today, spared=people))
            if department.code in ON_DUTY:
                Shift.objects.bulk_create(_shifts(department, officers, today))
    return Officer.objects.exclude(section=None).count()


def _drawn(department: Department, random_: random.Random, people: dict[str, User]) -> list[Officer]:
    """The head, two deputies, and of each section its head and people; the demo's own people among them."""
    first, second = next(
        ((head, deputy) for end, head, deputy in HEADS if department.name.endswith(end)), ("主任", "副主任")
    )
    phones = (f"023-{department.pk:04d}{line:04d}" for line in range(100, 1000))
    own = [
        Officer(
            name=people[username].name,
            department=department,
            section=next((each for each in department.sections.all() if each.name == post.section), None),
            title=post.title,
            rank=post.rank,
            phone=next(phones),
            user=people[username],
        )
        for username, (code, post) in POSTS.items()
        if code == department.code and username in people
    ]
    found = [
        Officer(
            name=names.person(random_),
            department=department,
            section=section,
            title=title,
            rank=rank,
            phone=next(phones),
        )
        for section, title, rank in _seats(department, first, second)
    ]
    return found + own


def _seats(department: Department, first: str, second: str) -> Iterator[tuple[Section | None, str, Rank]]:
    yield None, first, Rank.HEAD
    yield None, second, Rank.DEPUTY
    yield None, second, Rank.DEPUTY
    for section in department.sections.all():
        if department.code == TOWNS:
            for town, _share in names.TOWNS.values():
                yield section, f"{town}{section.name}主任", Rank.SECTION_HEAD
                yield section, f"{town}{section.name}干部", Rank.STAFF
            continue
        yield section, SECTION_HEADS.get(section.name[-1], "科长"), Rank.SECTION_HEAD
        yield section, "一级科员", Rank.STAFF
        yield section, "二级科员", Rank.STAFF


def _open_accounts(department: Department, officers: Iterable[Officer]) -> None:
    """Accounts without a password for those who take orders on: each section's people."""
    working = [each for each in officers if each.rank == Rank.STAFF and each.user_id is None]
    users = User.objects.bulk_create(
        User(
            username=f"{department.code.replace('_', '-')}-{number}",
            name=officer.name,
            password=make_password(None),
            is_staff=True,
        )
        for number, officer in enumerate(working, 1)
    )
    Mailbox.objects.bulk_create(Mailbox(kind=Mailbox.Kind.USER, user=user) for user in users)
    Posting.objects.bulk_create(
        Posting(user=user, department=department, role=Role.HANDLER) for user in users
    )
    for officer, user in zip(working, users, strict=True):
        officer.user = user
    Officer.objects.bulk_update(working, ["user"])


def _absences(
    officers: list[Officer], random_: random.Random, today: dt.date, *, spared: dict[str, User]
) -> Iterator[Absence]:
    """Who was away in the last year, and who is today, mostly with a colleague of their rank standing in.

    The demo's own people are there.
    """
    own = {user.pk for user in spared.values()}
    for officer in officers:
        others = [each for each in officers if each != officer and abs(each.rank - officer.rank) <= 1]
        if officer.user_id in own or not others:
            continue
        near = [each for each in others if each.section_id == officer.section_id] or others
        if random_.random() < AWAY_NOW:
            since = today - dt.timedelta(days=random_.randint(0, 4))
            until = today + dt.timedelta(days=random_.randint(2, 9))
            substitute = random_.choice(near) if random_.random() < 0.9 else None
            yield _absence(officer, since, until, substitute, random_)
        if random_.random() < AWAY_BEFORE:
            since = today - dt.timedelta(days=random_.randint(20, 350))
            until = since + dt.timedelta(days=random_.randint(2, 8))
            yield _absence(officer, since, until, random_.choice(near), random_)


def _absence(
    officer: Officer, since: dt.date, until: dt.date, substitute: Officer | None, random_: random.Random
) -> Absence:
    return Absence(
        officer=officer, days=(since, until), substitute=substitute, reason=random_.choice(REASONS)
    )


def _shifts(department: Department, officers: list[Officer], today: dt.date) -> Iterator[Shift]:
    """A roster of last month, this one and the next: the department's people in turn, working days only."""
    calendar = Calendar.load()
    turn = [each for each in officers if each.rank in (Rank.STAFF, Rank.SECTION_HEAD, Rank.DEPUTY)]
    first = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    days = (first + dt.timedelta(days=number) for number in range(92))
    for number, day in enumerate(day for day in days if calendar.is_workday(day)):
        yield Shift(day=day, department=department, officer=turn[number // 2 % len(turn)])
