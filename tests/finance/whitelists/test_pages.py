"""Pages of whitelists: from the rule to what a bank reports, and whose they are not."""

import io

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from finance.models import Whitelist, WhitelistResult, WhitelistRun
from finance.tasks import draw_whitelist
from finance.whitelists import pushing
from finance.whitelists.drawing import Plan, draw_up
from portal.accounts.roles import Role
from tests.accounts.factories import PostingFactory
from tests.clients import cheap, signed_in
from tests.enterprises.factories import EnterpriseFactory, give_value
from tests.finance import factories as products
from tests.finance.factories import BankFactory, BankOfficerFactory, office
from tests.finance.pools.factories import WAN, now, official

pytestmark = pytest.mark.django_db


def at_desk(role):
    return signed_in(PostingFactory(department=office(), role=role, user__second_factor=True).user)


def at_bank(bank, role="officer"):
    return signed_in(BankOfficerFactory(bank=bank, role=role, user__second_factor=True).user)


@pytest.fixture
def rule():
    for _ in range(3):
        give_value(EnterpriseFactory(), "region", text="500231101")
    return products.published().rule_version


@pytest.fixture
def pushed(rule):
    plan = Plan("首贷培育名单", office(), rule, timezone.localdate())
    held, boss = draw_up(plan, by=official(Role.EDITOR)), official(Role.LEADER)
    pushing.confirm(held, by=boss, at=now())
    pushing.push(held, [BankFactory()], by=boss, at=now())
    return held


def desk(page=""):
    return f"/desk/{office().pk}/finance/whitelists/{page}"


def test_from_the_rule_to_the_push(rule, django_capture_on_commit_callbacks):
    bank = BankFactory()
    given = {"title": "名单", "rule_version": rule.pk}
    assert at_desk(Role.LEADER).post(desk(), given).status_code == 422
    with django_capture_on_commit_callbacks():  # the bell is not heard yet
        assert at_desk(Role.EDITOR).post(desk(), given).status_code == 302
    assert "正在筛选" in cheap(at_desk(Role.EDITOR), desk()).content.decode()
    draw_whitelist(WhitelistRun.objects.get().pk)
    held = Whitelist.objects.get()
    one, entry = desk(f"{held.pk}/"), held.entries.first()
    at_desk(Role.EDITOR).post(f"{one}entries/{entry.pk}/exclude/", {"reason": "已注销"})
    boss = at_desk(Role.LEADER)
    boss.post(f"{one}do/confirm/", {"seen": boss.get(one).context["seen"]})
    boss.post(f"{one}do/push/", {})
    assert Whitelist.objects.get().state == "confirmed"
    boss.post(f"{one}do/push/", {"banks": [bank.pk]})
    assert Whitelist.objects.get().state == "pushed"
    assert "名单" in cheap(boss, desk()).content.decode()
    assert entry.enterprise.name not in cheap(boss, one).content.decode().split('id="firms"')[1]
    assert "已注销" in cheap(boss, f"{one}?part=out").content.decode()


def test_why_an_enterprise_is_on_it(rule):
    held = draw_up(Plan("名单", office(), rule, timezone.localdate()), by=official(Role.EDITOR))
    entry = held.entries.first()
    shown = cheap(at_desk(Role.LEADER), desk(f"{held.pk}/entries/{entry.pk}/")).content.decode()
    (condition,) = entry.conditions
    assert condition["sentence"] in shown
    assert "税务局" in shown
    assert entry.digest in shown
    assert "从名单剔除" not in shown


def test_taken_off_and_put_back(rule):
    held = draw_up(Plan("名单", office(), rule, timezone.localdate()), by=official(Role.EDITOR))
    entry, editor = held.entries.first(), at_desk(Role.EDITOR)
    at = desk(f"{held.pk}/entries/{entry.pk}/")
    assert "从名单剔除" in editor.get(at).content.decode()
    assert editor.post(f"{at}exclude/", {"reason": " "}).status_code == 422
    assert editor.post(f"{at}exclude/", {"reason": "已注销"}).status_code == 302
    assert editor.post(f"{at}exclude/", {"reason": "再来"}).status_code == 422
    assert "恢复到名单" in editor.get(at).content.decode()
    assert editor.post(f"{at}restore/", {"reason": "查无此事"}).status_code == 302
    assert editor.post(f"{at}restore/", {"reason": "再来"}).status_code == 422
    assert editor.post(f"{at}nothing/", {"reason": "x"}).status_code == 404
    entry.refresh_from_db()
    assert (entry.excluded, entry.excluded_by) == ("", None)
    shown = editor.get(desk(f"{held.pk}/")).content.decode()
    assert "查无此事" in shown


def test_lists_are_found_by_name_and_state(pushed):
    boss = at_desk(Role.LEADER)
    assert "首贷培育名单" in boss.get(desk("?q=首贷&state=pushed")).content.decode()
    for nothing in ("?q=别的", "?state=draft"):
        shown = boss.get(desk(nothing)).content.decode()
        assert "首贷培育名单" not in shown
        assert "没有这样的名单" in shown
    at = desk(f"{pushed.pk}/")
    firm = pushed.entries.first().enterprise
    found = boss.get(f"{at}?q={firm.uscc}").content.decode()
    assert found.count("/entries/") == 1
    assert "没有这样的企业" in boss.get(f"{at}?q=查无此企").content.decode()


def test_the_whole_list_goes_out_with_evidence_and_results(pushed):
    bank = pushed.banks.get()
    entry = pushed.entries.first()
    at_bank(bank).post(
        f"/bank/{bank.pk}/whitelists/{pushed.pk}/entries/{entry.pk}/", {"outcome": "granted", "amount": "50"}
    )
    answer = at_desk(Role.LEADER).get(desk(f"{pushed.pk}/export/"))
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert len(rows) == 1 + pushed.entries.count()
    assert rows[1][0] == entry.enterprise.name
    assert entry.conditions[0]["sentence"] in rows[1][2]
    assert rows[1][7:9] == ("已授信", 500_000)


def test_a_bank_reports_and_the_department_sees_it(pushed):
    bank = pushed.banks.get()
    browser, at = at_bank(bank), f"/bank/{bank.pk}/whitelists/"
    assert "首贷培育名单" in cheap(browser, at).content.decode()
    cheap(browser, f"{at}{pushed.pk}/")
    entry = pushed.entries.first()
    told = browser.post(f"{at}{pushed.pk}/entries/{entry.pk}/", {"outcome": "granted", "amount": ""})
    assert told.status_code == 422
    assert not WhitelistResult.objects.exists()
    browser.post(f"{at}{pushed.pk}/entries/{entry.pk}/", {"outcome": "granted", "amount": "50"})
    assert WhitelistResult.objects.get().amount_fen == 50 * WAN
    page = at_desk(Role.LEADER).get(f"/desk/{office().pk}/finance/whitelists/{pushed.pk}/")
    assert "已授信" in page.content.decode()


def test_what_was_said_is_corrected_as_it_was_written(pushed):
    """The form offers what it would read again as the same sum."""
    bank, entry = pushed.banks.get(), pushed.entries.first()
    browser, at = at_bank(bank), f"/bank/{pushed.banks.get().pk}/whitelists/{pushed.pk}/entries/{entry.pk}/"
    browser.post(at, {"outcome": "granted", "amount": "80.55"})
    form = browser.get(at).context["form"]
    browser.post(at, {"outcome": "granted", "amount": form["amount"].value(), "note": "改"})
    result = WhitelistResult.objects.get()
    assert (result.amount_fen, result.note) == (80 * WAN + 55 * WAN // 100, "改")


def test_not_another_banks(pushed):
    rival = BankFactory()
    browser, entry = at_bank(rival), pushed.entries.first()
    assert browser.get(f"/bank/{rival.pk}/whitelists/{pushed.pk}/").status_code == 404
    answer = f"/bank/{rival.pk}/whitelists/{pushed.pk}/entries/{entry.pk}/"
    assert browser.post(answer, {"outcome": "contacted"}).status_code == 404


def test_all_that_happened_is_there_page_by_page(pushed):
    boss = official(Role.LEADER)
    for number in range(25):
        said = {"name": "export", "target": "pushed", "comment": f"第{number}次"}
        pushed.events.create(actor=boss, at=now(), **said)
    browser = at_desk(Role.LEADER)
    first = cheap(browser, desk(f"{pushed.pk}/")).content.decode()
    last = browser.get(desk(f"{pushed.pk}/?events=2")).content.decode()
    assert ("更早的" in first, "更近的" in last) == (True, True)
    assert ("第0次" in first, "数据截至" in first) == (False, False)
    assert ("第0次" in last, "数据截至" in last) == (True, True)
    for odd in ("0", "x", "99", "٣"):
        assert browser.get(desk(f"{pushed.pk}/"), {"events": odd}).status_code == 200
