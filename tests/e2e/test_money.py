"""Money in a real Chromium: every page clean at both widths and themes; from owed to paid by four people."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from policies.models import Award, PaymentEvent
from policies.money import collecting, corrections, delivering, freezes, intake, results, uploading
from policies.money.corrections import Difference
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.second_factor import enable_totp
from tests.applying import factories as applying
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.e2e.paying import check_the_account, make_a_batch, sign
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.money.answering import answers_to, written
from tests.money.factories import WAN, Desk, account, official

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


def change(page: Page, user: User) -> None:
    """Somebody else sits down."""
    page.context.clear_cookies()
    sign_in(page, user)


EVIDENCE = {
    "verdict": "符合，金额减少",
    "summary": "按更正后的数据重算。",
    "changed": [
        {"sentence": "研发费用不低于 300 万元", "then": "412 万元", "value": "326 万元", "source": "县税务局"}
    ],
}


@WIDE
def test_every_page_of_money_is_clean(page: Page, look_twice: Look) -> None:
    desk = Desk()
    firm = EnterpriseFactory(name="渝东轮毂制造有限公司")
    owner = MembershipFactory(enterprise=firm).user
    account(firm, at=desk.at)
    paid = desk.settled(desk.award(30 * WAN, enterprise=firm), desk.award(8 * WAN))
    silent = desk.released(desk.award(12 * WAN, enterprise=firm, period=2025))
    returned = desk.released(desk.award(6 * WAN, enterprise=firm, period=2024))
    desk.settle(returned, "returned")
    results.overdue(timezone.now())
    confirmed = desk.confirmed(desk.award(), desk.award())
    prepared = desk.prepared(desk.award(), desk.award())
    faulty = desk.award()
    draft = desk.draft(faulty, desk.award())
    account(faulty.enterprise, "62280000999988887777", checked=False)
    desk.award(9 * WAN)
    freezes.freeze(confirmed, "账户存疑，先停", by=desk.preparer, at=timezone.now())
    wrong = intake.receive("HD-1.csv", b"H,HD-1,ZF-0,2026-11-22,1,1\r\n", by=desk.preparer, at=timezone.now())
    intake.judge(wrong.pk, at=timezone.now())
    to, lines = desk.line.department, answers_to(silent.instruction, "returned")
    content = written(silent.instruction, lines, "HD-2")
    upload = uploading.take("HD-2.csv", content, to=to, by=desk.preparer, at=timezone.now())
    award = Award.objects.filter(enterprise=firm).earliest("pk")
    corrections.propose([Difference(award, 2 * WAN, EVIDENCE)], at=timezone.now())
    at = f"/desk/{desk.line.department_id}/money"
    sign_in(page, desk.preparer)
    for name, address in {
        "money-home": f"{at}/",
        "money-new": f"{at}/new/",
        "money-draft": f"{at}/batches/{draft.number}/",
        "money-accounts": f"{at}/accounts/",
        "money-payments": f"{at}/payments/",
        "money-payment": f"{at}/payments/{silent.payments.get().pk}/",
        "money-files": f"{at}/files/",
        "money-sent": f"{at}/files/?tab=out",
        "money-file-out": f"{at}/files/out/{paid.instruction.pk}/",
        "money-quarantine": f"{at}/files/in/{wrong.pk}/",
        "money-budget": f"{at}/budget/?year=2026",
        "money-freezes": f"{at}/freezes/",
        "money-by-batch": f"{at}/reconciliation/",
        "money-by-day": f"{at}/reconciliation/?tab=day",
        "money-books": f"{at}/books/",
        "money-paid": f"{at}/batches/{paid.number}/",
    }.items():
        look_twice(name, address)
    change(page, desk.confirmer)
    look_twice("money-confirm", f"{at}/batches/{prepared.number}/")
    look_twice("money-upload", f"{at}/files/in/{upload.pk}/")
    leader = official(Role.LEADER)
    enable_totp(leader)
    change(page, leader)
    look_twice("money-corrections", f"{at}/corrections/")
    look_twice("money-speed", f"{at}/speed/")
    change(page, owner)
    look_twice("money-enterprise", reverse("enterprise_money", args=[firm.pk]))
    look_twice("money-account", reverse("enterprise_account", args=[firm.pk]))
    look_twice("money-home-enterprise", reverse("enterprise_home", args=[firm.pk]))


def gives_an_account(page: Page, home: str) -> None:
    page.goto(home)
    page.click("text=确认收款账户，领取 20 万元")
    page.fill("[name=bank]", "重庆农村商业银行垫江支行")
    for name in ("number", "repeated"):
        page.fill(f"[name={name}]", "6228 0000 1111 2222")
    page.click("#give button.main")
    expect(page.locator(".notes")).to_contain_text("收款账户已收到")


@WIDE
def test_three_officials_and_the_enterprise_bring_a_sum_to_its_account(
    page: Page, treasury: object, settings: object
) -> None:
    settings.TREASURY_OUTBOX, settings.TREASURY_INBOX = treasury.instructions, treasury.returns
    treasury.start("honest")
    application = applying.approved()
    desk, firm = Desk(version=application.version), application.enterprise
    owner = MembershipFactory(enterprise=firm).user
    at = f"/desk/{desk.line.department_id}/money"

    sign_in(page, owner)
    gives_an_account(page, reverse("enterprise_home", args=[firm.pk]))

    change(page, desk.preparer)
    check_the_account(page, at)
    batch = make_a_batch(page, at, "1 笔，200,000 元")

    change(page, desk.confirmer)
    page.goto(f"{at}/")
    page.click("[data-row] >> nth=0")
    expect(page.locator("#step-confirm .digest")).to_contain_text(batch.digest[:8])
    sign(page, "confirm", desk.confirmer, code="000000")
    expect(page.locator("#step-confirm [role=alert]")).to_contain_text("动态码不正确")
    sign(page, "confirm", desk.confirmer)
    expect(page.locator(".notes")).to_contain_text("已确认")
    expect(page.locator("#step-release")).to_have_count(0)

    change(page, desk.releaser)
    page.goto(f"{at}/batches/{batch.number}/")
    sign(page, "release", desk.releaser)
    expect(page.locator(".notes")).to_contain_text("已下达")

    delivering.deliver_waiting(timezone.now())
    treasury.wait(treasury.told)
    collecting.collect(timezone.now())
    page.reload()
    expect(page.locator("h1")).to_contain_text("已办结")

    change(page, owner)
    page.goto(reverse("enterprise_money", args=[firm.pk]))
    expect(page.locator(".steps .ok")).to_have_count(6)
    expect(page.locator(".card .tag.done")).to_contain_text("已到账")
    assert [event.name for event in PaymentEvent.objects.order_by("pk")] == ["prepare", "send", "pay"]


def test_without_script_a_batch_is_made_and_handed_on(browser: object, live_server: object) -> None:
    desk = Desk()
    desk.award()
    desk.award()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, desk.preparer)
    page.goto(f"/desk/{desk.line.department_id}/money/new/")
    page.click("[data-picking] button.main")
    expect(page.locator(".notes")).to_contain_text("已加入 2 笔")
    page.click("#step-prepare button.main")
    expect(page.locator(".notes")).to_contain_text("已提交")
    context.close()
