"""The demo's visits of a year and its talks, around the appeals that are told to have come from them."""

import datetime as dt
import random
from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Func, OuterRef, Subquery, UUIDField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils import timezone

from appeals.enums import Source
from appeals.models import Appeal, Pairing, Talk, TalkEvent, TalkGuest, TalkTopic, Visit, VisitEvent
from appeals.models.talk import GuestState, TalkState
from appeals.models.visit import VisitState
from appeals.visits.quarters import Quarter
from enterprises.models import Enterprise
from portal.accounts.models import Department, Officer, User
from portal.accounts.models.officers import Rank
from portal.kernel.workdays import Calendar
from portal.shell.demo import DEMO_SEED
from portal.shell.demo.showcase import HUBS, LESSONS

SUMMARIES: Final = (
    "看了生产车间，订单基本饱满，用工稳定；宣讲了稳岗返还和技改补助，企业表示准备申报。",
    "与负责人座谈，了解原料价格上涨对利润的影响；介绍了普惠金融产品，企业有续贷打算。",
    "走访门店和仓库，经营正常；提醒了年报和安全生产要求，企业没有新的困难。",
    "了解扩建项目进度，场地和用电已落实；约定项目备案遇到问题随时联系。",
)
OPERATING: Final = ("steady", "steady", "steady", "growing", "shrinking")
ROOM: Final = "县政务服务中心四楼企业服务厅"


def visit_enterprises(people: dict[str, User], today: dt.date) -> int:
    """A visit wherever an appeal says that one found it, and one of this quarter for each pairing.

    Returns how many visits there are. Safe to repeat.
    """
    if not Visit.objects.exists():
        with transaction.atomic():
            _visit(people["paired"], today)
    return Visit.objects.count()


def _visit(account: User, today: dt.date) -> None:
    random_ = random.Random(DEMO_SEED)  # noqa: S311 - reproducible, not a secret
    found = _found_on_visits()
    planned = {(pairing, day): Visit(pairing_id=pairing, planned_on=day) for pairing, day in found}
    seen = {(pairing, Quarter.of(day)) for pairing, day in planned}
    for pairing, day in _spread(today):
        if (pairing, Quarter.of(day)) not in seen:
            planned[pairing, day] = Visit(pairing_id=pairing, planned_on=day)
    own = Pairing.objects.live().filter(officer__user=account).first()
    if own is not None:
        for day in (today, today - dt.timedelta(days=61)):
            planned.setdefault((own.pk, day), Visit(pairing_id=own.pk, planned_on=day))
    visits = dict(zip(planned, Visit.objects.bulk_create(planned.values()), strict=True))
    made = [
        visit for key, visit in visits.items() if key in found or (key[1] < today and random_.random() < 0.9)
    ]
    _write(made, random_)
    through = Visit.appeals.through
    through.objects.bulk_create(
        through(visit_id=visits[key].pk, appeal_id=appeal) for key, ids in found.items() for appeal in ids
    )
    others = [visit for visit in made if own is None or visit.pairing_id != own.pk]
    confirmed = [visit for visit in others if random_.random() < 0.82]
    told = {visit.pk for visit in confirmed}
    disputed = [visit for visit in others if visit.pk not in told][:4]
    _end(confirmed, VisitState.CONFIRMED, "confirm", "")
    _end(disputed, VisitState.DISPUTED, "dispute", "当天只通了电话，没有到厂里来。")


def _found_on_visits() -> dict[tuple[int, dt.date], list[int]]:
    """Appeals found on visits, by the pairing of their enterprise and the day."""
    pairings = dict(Pairing.objects.live().values_list("enterprise", "pk"))
    rows = Appeal.objects.filter(source=Source.VISIT, enterprise__in=pairings, about=None, anonymous=False)
    found: dict[tuple[int, dt.date], list[int]] = {}
    for pk, firm, at in rows.order_by("pk").values_list("pk", "enterprise", "submitted_at"):
        found.setdefault((pairings[firm], timezone.localdate(at)), []).append(pk)
    return found


def _spread(today: dt.date) -> Iterable[tuple[int, dt.date]]:
    """Each pairing with a working day of the quarter."""
    quarter, works = Quarter.of(today), Calendar.load().is_workday
    span = (quarter.last - quarter.first).days + 1
    days = [
        day for day in (quarter.first + dt.timedelta(days=number) for number in range(span)) if works(day)
    ]
    pairings = list(Pairing.objects.live().order_by("pk").values_list("pk", flat=True))
    return [
        (pairing, days[number * 37 % len(days)]) for number, pairing in enumerate(pairings)
    ]  # 37 has no divisor in common with the days of a quarter, so that all days come up


def _write(made: list[Visit], random_: random.Random) -> None:
    firm = Pairing.objects.filter(pk=OuterRef("pairing"))
    met = Coalesce(NullIf(Subquery(firm.values("enterprise__legal_person")[:1]), Value("")), Value("负责人"))
    at = ExpressionWrapper(
        Cast(F("planned_on"), DateTimeField()) + Value(dt.timedelta(hours=2)), output_field=DateTimeField()
    )
    by_words: dict[tuple[str, str], list[int]] = {}
    for visit in made:
        by_words.setdefault((random_.choice(SUMMARIES), random_.choice(OPERATING)), []).append(visit.pk)
    for (summary, operating), pks in by_words.items():
        Visit.objects.filter(pk__in=pks).update(
            state=VisitState.DONE,
            client_id=Func(function="gen_random_uuid", output_field=UUIDField()),
            visited_at=at,
            met=met,
            summary=summary,
            form={"phone": "", "operating": operating, "told": True, "agenda": []},
        )
    _tell(made, "record", VisitState.PLANNED, VisitState.DONE, "")


def _end(visits: list[Visit], state: str, name: str, words: str) -> None:
    Visit.objects.filter(pk__in=[visit.pk for visit in visits]).update(state=state)
    _tell(visits, name, VisitState.DONE, state, words)


def _tell(visits: list[Visit], name: str, source: str, target: str, words: str) -> None:
    hour = 11 if name == "record" else 15
    VisitEvent.objects.bulk_create(
        VisitEvent(
            subject=visit,
            name=name,
            source=source,
            target=target,
            comment=words,
            public=name != "record",
            at=timezone.make_aware(dt.datetime.combine(visit.planned_on, dt.time(hour))),
        )
        for visit in visits
    )


def hold_talks(people: dict[str, User], today: dt.date) -> int:
    """Talks that were held, one for each month with appeals that came from one, and one to come."""
    if not Talk.objects.exists():
        with transaction.atomic():
            host = Department.objects.get(code="industry_commerce_federation")
            leader = Officer.objects.filter(rank=Rank.COUNTY).order_by("pk").first()
            rows = Appeal.objects.filter(source=Source.TALK, about=None, anonymous=False).order_by("pk")
            months: dict[dt.date, list[Appeal]] = {}
            for appeal in rows:
                months.setdefault(timezone.localdate(appeal.submitted_at).replace(day=1), []).append(appeal)
            for appeals in months.values():
                _held(host, leader, appeals)
            _coming(host, leader, today)
    return Talk.objects.count()


def _talk(host: Department, leader: Officer | None, day: dt.date, **fields: Any) -> Talk:
    talk = Talk.objects.create(
        host=host,
        leader=leader,
        held_at=timezone.make_aware(dt.datetime.combine(day, dt.time(14, 30))),
        place=ROOM,
        opens_on=day - dt.timedelta(days=14),
        closes_on=day - dt.timedelta(days=1),
        **fields,
    )
    talk.attending.set(Department.objects.filter(code__in=("economy", "hr", "tax", "financial_services")))
    Talk.objects.filter(pk=talk.pk).update(state=TalkState.OPEN)
    written = talk.held_at - dt.timedelta(days=15)
    _happened(talk, "create", TalkState.DRAFT, TalkState.DRAFT, written)
    _happened(talk, "publish", TalkState.DRAFT, TalkState.OPEN, written + dt.timedelta(hours=1))
    return talk


def _happened(talk: Talk, name: str, source: str, target: str, at: dt.datetime) -> None:
    TalkEvent.objects.create(subject=talk, name=name, source=source, target=target, at=at)


def _held(host: Department, leader: Officer | None, appeals: list[Appeal]) -> None:
    day = min(timezone.localdate(appeal.submitted_at) for appeal in appeals)
    talk = _talk(
        host,
        leader,
        day,
        title=f"{day.year} 年 {day.month} 月企业家恳谈会",
        theme="面对面听难处，会后限时答复。",
    )
    firms = {appeal.enterprise_id: appeal for appeal in appeals}
    TalkGuest.objects.bulk_create(
        TalkGuest(
            talk=talk,
            enterprise_id=firm,
            state=GuestState.COMING,
            name=one.contact_name,
            phone=one.contact_phone,
        )
        for firm, one in firms.items()
    )
    once = {(appeal.enterprise_id, appeal.title): appeal for appeal in appeals}
    TalkTopic.objects.bulk_create(
        TalkTopic(
            talk=talk,
            enterprise_id=firm,
            title=title,
            text=appeal.text[:2000],
            appeal=appeal,
            submitted_at=talk.held_at - dt.timedelta(days=3),
        )
        for (firm, title), appeal in once.items()
    )
    words = f"到会企业 {len(firms)} 家，提出问题 {len(appeals)} 个，已全部转为诉求，两周内答复。"
    Talk.objects.filter(pk=talk.pk).update(state=TalkState.HELD, minutes=words)
    _happened(talk, "hold", TalkState.OPEN, TalkState.HELD, talk.held_at + dt.timedelta(hours=2))


def _coming(host: Department, leader: Officer | None, today: dt.date) -> None:
    talk = _talk(
        host,
        leader,
        today + dt.timedelta(days=10),
        title="年末企业家恳谈会：用工与融资",
        theme="节前用工、年底资金周转、明年政策怎么衔接，请带着问题来。",
    )
    now = timezone.now()
    TalkGuest.objects.bulk_create(
        TalkGuest(talk=talk, enterprise=firm, invited_at=now)
        for firm in Enterprise.objects.filter(uscc__in=(HUBS, LESSONS)).order_by("pk")
    )
