"""Pages of pools, at the department's desk and at the bank's: what they show, whom, and what they let do."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from finance.models import LoanApplication, PoolClaim
from finance.pools import claiming
from portal.accounts.roles import Role
from portal.accounts.second_factor import totp_code_at
from tests.accounts.factories import PostingFactory, UserFactory
from tests.clients import cheap, signed_in
from tests.finance.factories import BankOfficerFactory, BranchFactory, office
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN
from tests.papers import pdf_of

pytestmark = pytest.mark.django_db
MOST_OF_A_CLAIM = 18
"""Queries of its page at the desk: it shows the loan's money and plan as well."""


@pytest.fixture
def bank():
    return make.bank()


@pytest.fixture
def pool(bank):
    return make.pool(bank, fuse_rate=100)


def at_desk(*roles):
    user = UserFactory(second_factor=True)
    for role in roles:
        PostingFactory(user=user, department=office(), role=role)
    return signed_in(user)


def at_bank(bank, role="officer"):
    return signed_in(BankOfficerFactory(bank=bank, role=role, user__second_factor=True).user)


def paying(payer, **given):
    """What the form of a payment is filled with."""
    receipt = SimpleUploadedFile("回单.pdf", pdf_of("回单"))
    shown = {"serial": "V1", "on": f"{timezone.localdate()}", "receipt": receipt}
    return shown | {"code": totp_code_at(payer, timezone.now())} | given


def desk(page=""):
    return f"/desk/{office().pk}/finance/pools/{page}"


def test_each_page_shows_what_there_is_in_few_queries(pool):
    claim = make.claim(make.admitted(pool, 100 * WAN + 1, "overdue"), state="paid")
    for _ in range(3):
        make.admitted(pool)
    browser = at_desk(Role.LEADER)
    assert "测试资金池" in cheap(browser, desk()).content.decode()
    one = cheap(browser, desk(f"{pool.code}/")).content.decode()
    assert "县财政" in one
    assert claim.admission.loan.number in one
    shown = cheap(browser, desk(f"claims/{claim.pk}/"), MOST_OF_A_CLAIM).content.decode()
    assert "700,000" in shown
    assert "代偿支出" in cheap(browser, desk(f"{pool.code}/ledger/")).content.decode()
    assert "全部成立" in cheap(browser, desk("books/")).content.decode()
    assert (
        "测试资金池"
        in cheap(at_bank(pool.banks.get()), f"/bank/{claim.admission.bank_id}/pool/").content.decode()
    )


def test_the_ledger_says_what_there_was_after_each_booking(pool):
    """The last booking first, however old what it books; the two sums are the pool's own figures."""
    make.claim(make.admitted(pool, 100 * WAN, "overdue"), state="paid")
    answer = at_desk(Role.LEADER).get(desk(f"{pool.code}/ledger/"))
    rows = [(one.kind, one.money, one.room) for one, _cause, _fen in answer.context["rows"]]
    pool.refresh_from_db()
    whole, left = pool.capital_fen, pool.balance_fen
    assert rows == [("compensate", left, 100 * WAN), ("admit", whole, 100 * WAN), ("fund", whole, 0)]
    assert (left, pool.used_fen) == (whole - 70 * WAN, 100 * WAN)


def test_the_ledger_goes_out_as_a_file(pool):
    make.admitted(pool)
    answer = at_desk(Role.LEADER).get(desk(f"{pool.code}/ledger/csv/"))
    assert answer.status_code == 200
    assert "入池占用" in answer.content.decode("utf-8-sig")
    assert at_desk(Role.LEADER).get(desk(f"{pool.code}/ledger/pdf/")).status_code == 404


def test_whose_it_is_not_finds_nothing(pool):
    claim = make.claim(make.admitted(pool, state="overdue"))
    elsewhere = PostingFactory(role=Role.LEADER, user__second_factor=True)
    other = signed_in(elsewhere.user)
    assert other.get(desk()).status_code == 404
    assert other.get(f"/desk/{elsewhere.department_id}/finance/pools/claims/{claim.pk}/").status_code == 404
    rival = make.bank()
    browser = at_bank(rival)
    assert browser.get(f"/bank/{rival.pk}/pool/claims/{claim.pk}/").status_code == 404
    assert browser.get(f"/bank/{claim.admission.bank_id}/pool/").status_code == 404
    kept = claim.files.first()
    assert browser.get(f"/bank/{rival.pk}/pool/claims/{claim.pk}/files/{kept.pk}/").status_code == 404
    own = claim.admission.bank
    shown = at_bank(own).get(f"/bank/{own.pk}/pool/claims/{claim.pk}/files/{kept.pk}/")
    assert shown.getvalue().startswith(b"%PDF")


def test_another_branchs_loans_are_behind_a_wall(bank, pool):
    claim = make.claim(make.admitted(pool, state="overdue"))
    waiting = make.admitted(pool, state="overdue")
    mine, theirs = BranchFactory.create_batch(2, bank=bank)
    post = BankOfficerFactory(bank=bank, branch=mine, user__second_factor=True)
    browser = signed_in(post.user)
    kept = claim.files.first()
    pages = [f"claims/{claim.pk}/", f"claims/{claim.pk}/files/{kept.pk}/", f"loans/{waiting.pk}/claim/"]
    for branch, status in ((mine, 200), (theirs, 404)):
        LoanApplication.objects.filter(bank=bank).update(branch=branch)
        answers = [browser.get(f"/bank/{bank.pk}/pool/{page}") for page in pages]
        assert [(answer.status_code, bool(answer.getvalue())) for answer in answers] == [(status, True)] * 3
        listed = waiting.loan.number in browser.get(f"/bank/{bank.pk}/pool/").content.decode()
        assert listed == (branch == mine)


def test_a_bank_asks_and_is_told_why_not(bank):
    pool = make.pool(bank, capital=10 * WAN)
    fits, too_much = make.loan(bank, 60 * WAN), make.loan(bank, 50 * WAN)
    browser, address = at_bank(bank), f"/bank/{bank.pk}/pool/"
    assert browser.post(address, {"loan": fits.pk, "pool": pool.pk}).status_code == 302
    refused = browser.post(address, {"loan": too_much.pk, "pool": pool.pk})
    assert refused.status_code == 422
    assert "只剩 40 万元，不够这笔 50 万元" in refused.content.decode()
    assert at_bank(bank, "viewer").post(address, {"loan": too_much.pk, "pool": pool.pk}).status_code == 404


def test_a_claim_from_the_bank_to_the_last_recovery(pool, bank):
    admission = make.admitted(pool, state="overdue")
    browser = at_bank(bank)
    address = f"/bank/{bank.pk}/pool/loans/{admission.pk}/claim/"
    assert "未归还本金" in browser.get(address).content.decode()
    empty = browser.post(address, {"loss": "100万元", "words": "停产"})
    assert empty.status_code == 422
    contract = SimpleUploadedFile("合同.pdf", pdf_of("合同"))
    given = {"loss": "100万元", "words": "停产", "contract": contract}
    assert "collecting" in browser.post(address, given).context["form"].errors
    contract.seek(0)
    given["collecting"] = SimpleUploadedFile("催收.pdf", pdf_of("催收"))
    assert browser.post(address, given).status_code == 302
    claim = PoolClaim.objects.get()
    steps = [
        (Role.REVIEWER, "review", {}),
        (Role.LEADER, "approve", {"comment": "同意"}),
    ]
    for role, step, given in steps:
        at = at_desk(role)
        assert at.post(desk(f"claims/{claim.pk}/{step}/"), given).status_code == 302, step
    back = {"amount": "10万元", "serial": "R1", "on": f"{timezone.localdate()}"}
    payer = make.payer()
    pays = signed_in(payer)
    assert pays.post(desk(f"claims/{claim.pk}/pay/"), paying(payer, code="000000x")).status_code == 422
    assert pays.post(desk(f"claims/{claim.pk}/pay/"), paying(payer)).status_code == 302
    assert pays.post(desk(f"claims/{claim.pk}/recover/"), back).status_code == 302
    claim.refresh_from_db()
    assert (claim.state, claim.returned_fen) == ("paid", 7 * WAN)
    assert pays.post(desk(f"claims/{claim.pk}/pay/"), paying(payer, serial="V2")).status_code == 422
    for at, where in (
        (browser, f"/bank/{bank.pk}/pool/claims/{claim.pk}/"),
        (pays, desk(f"claims/{claim.pk}/")),
    ):
        assert f"{where}receipt/" in at.get(where).content.decode()
        assert at.get(f"{where}receipt/").getvalue().startswith(b"%PDF")
    assert at_bank(make.bank()).get(f"/bank/{bank.pk}/pool/claims/{claim.pk}/receipt/").status_code == 404
    ended = at_desk(Role.LEADER).post(desk(f"{pool.code}/do/end/"), {"admission": admission.pk})
    assert ended.status_code == 302
    admission.refresh_from_db()
    assert admission.release_reason == "ended"


def test_an_approved_claim_is_still_refused_at_the_desk(pool):
    claim = make.claim(make.admitted(pool, state="overdue"), state="approved")
    address = desk(f"claims/{claim.pk}/")
    assert "不予补偿" in at_desk(Role.LEADER).get(address).content.decode()
    assert at_desk(Role.PAYMENT_RELEASER).post(f"{address}refuse/", {"reason": "已归还"}).status_code == 422
    assert at_desk(Role.LEADER).post(f"{address}refuse/", {"reason": "已归还"}).status_code == 302
    claim.refresh_from_db()
    assert claim.state == "refused"


def test_what_is_lost_without_a_claim_is_let_go_at_the_desk(pool):
    lost, asked = (make.admitted(pool, state="written_off") for _ in range(2))
    make.claim(asked)
    shown = at_desk(Role.LEADER).get(desk(f"{pool.code}/")).content.decode()
    assert shown.count("没有代偿，释放额度") == 1
    assert f'value="{lost.pk}"' in shown
    given = {"admission": lost.pk}
    assert at_desk(Role.LEADER).post(desk(f"{pool.code}/do/end/"), given).status_code == 302
    lost.refresh_from_db()
    assert lost.release_reason == "ended"
    assert "没有代偿，释放额度" not in at_desk(Role.LEADER).get(desk(f"{pool.code}/")).content.decode()


def test_money_is_put_in_by_whom_it_belongs_to(pool):
    given = {"name": "县财政", "amount": "1000", "note": ""}
    assert at_desk(Role.PAYMENT_PREPARER).post(desk(f"{pool.code}/do/fund/"), given).status_code == 302
    refused = at_desk(Role.LEADER).post(desk(f"{pool.code}/do/fund/"), given)
    assert refused.status_code == 422
    assert "拨付编制" in refused.content.decode()
    pool.refresh_from_db()
    assert pool.capital_fen == 4000 * WAN


@pytest.mark.parametrize("page", ["NONE/", "claims/9999999/", "NONE/ledger/", "NONE/ledger/csv/"])
def test_what_there_is_not_is_404(page):
    assert at_desk(Role.LEADER).get(desk(page)).status_code == 404


def test_before_its_day_a_claim_is_refused_with_the_day(bank, pool):
    lost = make.admitted(pool, state="overdue")
    pool.claim_days = 60
    pool.save()
    shown = at_bank(bank).get(f"/bank/{bank.pk}/pool/loans/{lost.pk}/claim/").content.decode()
    assert f"{timezone.localdate() + dt.timedelta(days=30):%Y-%m-%d} 起可以申请" in shown
    assert "提交申请" not in shown


def test_a_loss_is_claimed_once_unless_it_was_refused(bank, pool):
    lost = make.admitted(pool, state="overdue")
    who = signed_in(BankOfficerFactory(bank=bank, user__second_factor=True).user)
    offer = f"/bank/{bank.pk}/pool/loans/{lost.pk}/claim/"
    assert offer in who.get(f"/bank/{bank.pk}/pool/").content.decode()
    claim = make.claim(lost)
    assert offer not in who.get(f"/bank/{bank.pk}/pool/").content.decode()
    claiming.refuse(claim, "补充催收记录", by=make.leader(), at=make.now())
    assert offer in who.get(f"/bank/{bank.pk}/pool/").content.decode()
