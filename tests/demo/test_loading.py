"""The demo in the database: enterprises, people, policies, and what its two showpieces get to see."""

import datetime as dt
from functools import cache
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from enterprises.models import Credential, Enterprise, FactValue
from enterprises.services import knowledge_of, load_catalogue
from matching.parse import parse_rule
from matching.plain.context import Context
from matching.plain.evaluate import Judgement, Verdict, judge
from policies.drafting import next_content, start_version
from policies.enums import VersionState
from policies.exchange.reading import read_file
from policies.models import ItemVersion, PolicyItem
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.second_factor import has_second_factor
from portal.shell.demo import DEMO_SEED, DEMO_TODAY
from portal.shell.demo.loading import write
from portal.shell.demo.people import ACCOUNTS, PASSWORD, UNCLAIMED
from portal.shell.demo.population import draw
from portal.shell.demo.publication import FOLDER, carried_over
from portal.shell.demo.registering import register_accounts
from portal.shell.demo.showcase import HUBS, LESSONS, online_lessons, wheel_hubs
from portal.shell.management.commands.load_demo import day_of_demo

WAN = 1_000_000


@pytest.fixture
def showpieces(db: None) -> None:
    with transaction.atomic():
        write([wheel_hubs(DEMO_TODAY), online_lessons(DEMO_TODAY)], timezone.now())


@cache
def rules() -> dict[str, Any]:
    files = sorted((settings.BASE_DIR / FOLDER).glob("*.yaml"))
    return {item["code"]: item["rule"] for path in files for item in read_file(path)["items"]}


def judged(uscc: str, code: str) -> Judgement:
    rule = rules()[code]
    tree = parse_rule(
        rule["conditions"],
        rule["amount"],
        catalogue=load_catalogue(),
        reference_year=rule["reference_year"],
        event_fact=rule["event_fact"],
    )
    knowledge = knowledge_of(Enterprise.objects.get(uscc=uscc), as_of=DEMO_TODAY)
    return judge(tree, knowledge, Context(as_of=DEMO_TODAY))


@pytest.mark.django_db
def test_everything_drawn_is_written() -> None:
    firms = list(draw(120, DEMO_SEED, DEMO_TODAY))
    with transaction.atomic():
        ids = write(firms, timezone.now())
    assert Enterprise.objects.filter(pk__in=ids, mailbox__kind="enterprise").count() == 120
    assert FactValue.objects.count() == sum(len(firm.values) for firm in firms)
    assert Credential.objects.count() == sum(len(firm.certificates) for firm in firms)


@pytest.mark.django_db
def test_a_written_value_is_known_again() -> None:
    firm = next(firm for firm in draw(50, DEMO_SEED, DEMO_TODAY) if firm.entity_type == "company")
    with transaction.atomic():
        write([firm], timezone.now())
    knowledge = knowledge_of(Enterprise.objects.get(), as_of=DEMO_TODAY)
    for given in firm.values:
        known = knowledge.value(given.fact, given.period)
        assert known is not None, given
        assert (known.value, known.tier) == (given.value, given.tier)


@pytest.mark.usefixtures("showpieces")
@pytest.mark.parametrize(
    ("uscc", "code", "amount"),
    [
        (HUBS, "KJ-GAOQI", 20 * WAN),
        (HUBS, "ZZ-SHUZI", 20 * WAN),
        (HUBS, "JY-WENGANG", 228_000_00),
        (HUBS, "ZL-PINGJIA", 10 * WAN),
        (HUBS, "SF-GQ15", 148 * WAN),
        (LESSONS, "KJ-PEIYUKU", 88_000_00),
        (LESSONS, "SF-XWQY", 132_000_00),
        (LESSONS, "JY-WENGANG", 17_400_00),
    ],
)
def test_showpieces_fit(uscc: str, code: str, amount: int) -> None:
    judgement = judged(uscc, code)
    assert judgement.verdict is Verdict.ELIGIBLE
    assert judgement.amount is not None
    assert (judgement.amount.low, judgement.amount.high) == (amount, amount)


@pytest.mark.usefixtures("showpieces")
@pytest.mark.parametrize(
    ("uscc", "code"), [(HUBS, "JG-JISHU"), (HUBS, "WM-CANZHAN"), (LESSONS, "JY-CHUANGYE")]
)
def test_items_open_to_showpieces(uscc: str, code: str) -> None:
    assert judged(uscc, code).open


@pytest.mark.usefixtures("showpieces")
@pytest.mark.parametrize(
    ("uscc", "code"),
    [(HUBS, "SF-CBJ"), (HUBS, "SF-XB15"), (LESSONS, "SZ-RUANJIAN"), (LESSONS, "ZZ-CHUANGXIN")],
)
def test_showpieces_miss_a_fact_of_their_own(uscc: str, code: str) -> None:
    judgement = judged(uscc, code)
    assert judgement.verdict is Verdict.NEEDS_INFO
    assert not judgement.open


@pytest.mark.usefixtures("showpieces")
@pytest.mark.parametrize(("uscc", "code"), [(HUBS, "ZZ-XIAOJUREN"), (LESSONS, "ZZ-ZJTX")])
def test_showpieces_nearly_fit(uscc: str, code: str) -> None:
    judgement = judged(uscc, code)
    assert judgement.verdict is Verdict.INELIGIBLE
    assert judgement.near_miss is not None


@pytest.mark.usefixtures("showpieces")
def test_accounts_can_do_what_they_are_for() -> None:
    people = register_accounts()
    assert register_accounts() == people
    assert {account.role for account in ACCOUNTS} >= set(Role)
    assert all(has_second_factor(people[account.username]) for account in ACCOUNTS if account.staff)
    assert people["hub"].check_password(PASSWORD)
    assert list(Enterprise.objects.visible_to(people["hub"]).values_list("uscc", flat=True)) == [HUBS]
    assert Enterprise.objects.visible_to(people["agent"]).count() == 2
    assert not Enterprise.objects.visible_to(people["visitor"]).exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_loading_twice_changes_nothing() -> None:
    def counts() -> list[int]:
        models = (Enterprise, FactValue, Credential, User, ItemVersion)
        return [model.objects.count() for model in models]

    call_command("load_demo", size=40, today=DEMO_TODAY, stdout=StringIO())
    first = counts()
    assert first[0] == 42
    assert ItemVersion.objects.filter(state=VersionState.PUBLISHED).count() >= 66
    call_command("load_demo", size=40, today=DEMO_TODAY, stdout=StringIO())
    assert counts() == first
    item = PolicyItem.objects.get(code="JY-WENGANG")
    latest = item.versions.select_related("rule_version").get()
    draft = start_version(item, next_content(latest, DEMO_TODAY), by=User.objects.get(username="editor"))
    ItemVersion.objects.filter(pk=draft.pk).update(title="写了一半的草稿")
    call_command("load_demo", size=40, today=DEMO_TODAY, stdout=StringIO())
    assert counts() == [*first[:-1], first[-1] + 1]


@pytest.mark.parametrize("command", ["load_demo", "demo_accounts"])
def test_production_refuses_the_demo(command: str, settings: pytest.FixtureRequest) -> None:
    settings.DEMO_ALLOWED = False  # type: ignore[attr-defined]
    with pytest.raises(CommandError):
        call_command(command)


def test_the_readme_names_a_firm_that_a_visitor_may_claim() -> None:
    first = next(draw(1, DEMO_SEED, DEMO_TODAY))
    assert (first.uscc, first.entity_type) == (UNCLAIMED, "company")
    assert UNCLAIMED in (settings.BASE_DIR / "README.md").read_text("utf-8")
    assert UNCLAIMED not in {uscc for account in ACCOUNTS for uscc in account.enterprises}


def test_accounts_are_printed() -> None:
    out = StringIO()
    call_command("demo_accounts", stdout=out)
    assert UNCLAIMED in out.getvalue()
    assert PASSWORD in out.getvalue()
    assert all(account.username in out.getvalue() for account in ACCOUNTS)


@pytest.mark.parametrize(
    ("today", "window"),
    [
        (dt.date(2026, 12, 20), ("2026-02-01", "2026-12-20")),
        (dt.date(2026, 12, 21), ("2027-02-01", "2027-12-20")),
        (dt.date(2029, 1, 5), ("2029-02-01", "2029-12-20")),
        (dt.date(2029, 12, 21), ("2030-02-01", "2030-12-20")),
    ],
)
def test_ended_windows_move_on_by_whole_years(today: dt.date, window: tuple[str, str]) -> None:
    item = {
        "window": {"from": "2026-02-01", "to": "2026-12-20"},
        "rule": {"valid_from": "2026-01-01", "valid_to": None},
    }
    moved = carried_over({"items": [item]}, today)["items"][0]
    assert (moved["window"]["from"], moved["window"]["to"]) == window
    assert moved["rule"]["valid_from"] == "2026-01-01"


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        (dt.date(2026, 11, 21), dt.date(2026, 11, 21)),
        (dt.date(2026, 11, 22), DEMO_TODAY),
        (dt.date(2026, 12, 31), DEMO_TODAY),
        (dt.date(2027, 1, 1), dt.date(2027, 1, 1)),
    ],
)
def test_the_demo_plays_on_its_own_day_while_that_lasts(clock: dt.date, day: dt.date) -> None:
    assert day_of_demo(clock) == day
