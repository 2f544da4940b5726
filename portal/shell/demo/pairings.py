"""千人联千企 in the demo: 1,019 officials, each with an enterprise of the county."""

import datetime as dt
import random
from typing import Final

from django.db import transaction

from appeals.enums import Source
from appeals.models import Appeal, Pairing
from enterprises.models import Enterprise, EntityType
from portal.accounts.models import Department, Officer, User
from portal.accounts.models.officers import Rank
from portal.shell.demo import DEMO_SEED, names
from portal.shell.demo.officials import NOBODY
from portal.shell.demo.showcase import HUBS, LESSONS

OFFICIALS: Final = 1_019
TITLES: Final = (
    (Rank.STAFF, "一级科员"),
    (Rank.STAFF, "四级主任科员"),
    (Rank.SECTION_HEAD, "科长"),
    (Rank.SECTION_HEAD, "副科长"),
    (Rank.DEPUTY, "副职领导"),
)


def pair_officials(people: dict[str, User], today: dt.date) -> int:
    """Pair every official with an enterprise, companies first; returns how many there are. Safe to repeat.

    Needs departments, enterprises, accounts and appeals; the same county gives the same pairs.
    """
    if not Pairing.objects.exists():
        firms = _firms()
        with transaction.atomic():
            officers = Officer.objects.bulk_create(_officers(len(firms), people))
            since = dt.date(today.year, 1, 5)
            Pairing.objects.bulk_create(
                Pairing(officer=officer, enterprise_id=firm, since=since)
                for officer, firm in zip(officers, firms, strict=True)
            )
    return Pairing.objects.live().count()


def _firms() -> list[int]:
    """The showcase, those with appeals found on visits, companies, the others; by their credit codes."""
    rows = Enterprise.objects.in_business().values_list("pk", "uscc", "entity_type")
    shown = {HUBS: 0, LESSONS: 1}
    visited = set(Appeal.objects.filter(source=Source.VISIT).values_list("enterprise", flat=True))
    ordered = sorted(
        rows,
        key=lambda row: (
            shown.get(row[1], 2),
            row[0] not in visited,
            row[2] != EntityType.COMPANY,
            row[1],
        ),
    )
    return [pk for pk, _uscc, _kind in ordered[:OFFICIALS]]


def _officers(count: int, people: dict[str, User]) -> list[Officer]:
    """As many officials over all departments; the first one signs in as the account `paired`."""
    random_ = random.Random(DEMO_SEED)  # noqa: S311 - reproducible, not a secret
    departments = list(Department.objects.exclude(code=NOBODY).order_by("code"))
    economy = next(each for each in departments if each.code == "economy")
    account = people["paired"]
    officers = [
        Officer(
            name=account.name,
            department=economy,
            title="科长",
            rank=Rank.SECTION_HEAD,
            phone="023-00009000",
            user=account,
        )
    ]
    for number in range(1, count):
        rank, title = random_.choice(TITLES)
        officers.append(
            Officer(
                name=names.person(random_),
                department=departments[number % len(departments)],
                title=title,
                rank=rank,
                phone=f"023-0000{9000 + number % 1000:04d}",
            )
        )
    return officers[:count]
