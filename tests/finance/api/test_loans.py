"""A bank's system takes loans from inbox and hall to the last payment; another bank's are not there."""

from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from enterprises.consents import granting
from finance.lending import deciding, filing
from finance.models import BankCall, Drawdown, LoanEvent
from tests.enterprises.factories import actor_of
from tests.finance.api.systems import System
from tests.finance.factories import published
from tests.finance.lending.factories import WAN, bank, draw, filed, officer, opened, put, sharing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counted_anew():
    cache.clear()


@pytest.fixture
def system():
    return System(bank())


@pytest.fixture
def owner():
    return actor_of()


@pytest.fixture
def loan(system, owner):
    return filed(owner, published(system.bank))


def approval(**changes):
    return {"amount_fen": 50 * WAN, "rate": "4.35", "months": 12} | changes


def drawn(loan, serial="F-1", fen=20 * WAN, **changes):
    row = {"bank_number": loan.bank_number, "serial": serial, "on": str(timezone.localdate())}
    return row | {"amount_fen": fen} | changes


def test_from_the_inbox_to_the_last_payment(system, loan):
    (listed,) = system.get("loans/").json()["results"]
    assert (listed["number"], listed["state"]) == (loan.number, "submitted")
    path = f"loans/{loan.number}/"
    for name, said, state in (
        ("accept", {}, "accepted"),
        ("investigate", {}, "due_diligence"),
        ("approve", approval(), "approved"),
        ("sign", {"bank_number": "HT-1", "on": str(timezone.localdate())}, "signed"),
    ):
        told = system.send(f"{path}{name}/", said)
        assert (told.status_code, told.json()["state"]) == (200, state), told.content.decode()
    loan.refresh_from_db()
    assert (loan.approved_rate, loan.officer) == (Decimal("4.3500"), system.post.user)
    booked = system.send("drawdowns/", {"rows": [drawn(loan), drawn(loan, "F-2", 30 * WAN)]})
    assert booked.json() == {"booked": 2, "known": 0}
    row = drawn(loan, "H-1")
    del row["amount_fen"]
    paid = system.send("repayments/", {"rows": [row | {"principal_fen": 50 * WAN, "interest_fen": 1}]})
    assert paid.json() == {"booked": 1, "known": 0}
    told = system.get(path).json()
    assert (told["state"], told["drawn_fen"], told["bank_number"]) == ("repaid", 50 * WAN, "HT-1")
    assert LoanEvent.objects.filter(subject=loan, actor=system.post.user).exists()


ALL = ["accept", "decline", "investigate", "approve", "refuse", "sign", "take-back", "call-off"]


@pytest.mark.parametrize("step", ALL)
def test_another_banks_application_is_not_there(system, step):
    theirs = filed()
    assert system.get(f"loans/{theirs.number}/").status_code == 404
    assert system.send(f"loans/{theirs.number}/{step}/", {"reason": "x"}).status_code == 404
    assert system.get("loans/").json()["results"] == []
    theirs.refresh_from_db()
    assert theirs.state == "submitted"


@pytest.mark.parametrize("what", ["facts", "score", "consent"])
def test_nor_is_what_is_consented_of_it(system, what):
    assert system.get(f"loans/{filed().number}/{what}/").status_code == 404


def test_nor_is_money_told_of_another_banks_loan(system):
    theirs = put("signed")
    told = system.send("drawdowns/", {"rows": [drawn(theirs)]})
    assert (told.status_code, told.json()["code"]) == (409, "no_loan")
    assert not Drawdown.objects.exists()


def test_the_first_bank_takes_it_from_the_hall_with_the_consent(system):
    loan, slow = opened(), System(bank())
    (seen,) = system.get("hall/").json()["results"]
    assert seen["number"] == loan.number
    assert set(seen) == {"number", "amount_fen", "term_months", "purpose", "industry", "since", "until"}
    assert seen["industry"] == "制造业"
    assert system.send(f"hall/{loan.number}/take/").json()["enterprise"] == loan.enterprise.name
    lost = slow.send(f"hall/{loan.number}/take/")
    assert (lost.status_code, lost.json()["code"]) == (409, "taken")
    assert system.bank.name in lost.json()["detail"]
    assert system.get(f"loans/{loan.number}/facts/").status_code == 200
    assert slow.get(f"loans/{loan.number}/facts/").status_code == 404


def test_of_the_bank_before_it_nothing_is_told(system, owner):
    loan = filed(owner)
    before = officer(loan.bank, name="赵前任")
    deciding.note(loan, "老板有诉讼", by=before, at=timezone.now())
    deciding.decline(loan, "不在服务范围", by=before, at=timezone.now())
    filing.open_up(owner, loan, at=timezone.now())
    system.send(f"hall/{loan.number}/take/")
    told = system.get(f"loans/{loan.number}/").json()
    assert [event["what"] for event in told["events"]] == ["抢单"]
    assert not any(word in str(told) for word in ("诉讼", "赵前任", before.bank.name))


@pytest.mark.parametrize("step", ["accept", "approve", "sign"])
def test_what_is_not_now_is_refused_with_the_reason(system, loan, step):
    put("refused", loan)
    said = {**approval(), "bank_number": "HT-1", "on": str(timezone.localdate())}
    told = system.send(f"loans/{loan.number}/{step}/", said)
    assert told.status_code == 409
    assert told.json()["detail"]


@pytest.mark.parametrize("rate", ["435", "4,35", "0", "-1", "NaN", "1e1", ""])
def test_a_rate_that_is_none_is_named(system, loan, rate):
    put("due_diligence", loan)
    told = system.send(f"loans/{loan.number}/approve/", approval(rate=rate))
    assert (told.status_code, list(told.json())) == (400, ["rate"])


def test_nothing_is_approved_under_another_banks_product(system):
    loan = opened()
    system.send(f"hall/{loan.number}/take/")
    system.send(f"loans/{loan.number}/investigate/")
    theirs = published(bank()).product.code
    told = system.send(f"loans/{loan.number}/approve/", approval(product=theirs))
    assert (told.status_code, list(told.json())) == (400, ["product"])
    mine = published(system.bank).product.code
    assert system.send(f"loans/{loan.number}/approve/", approval(product=mine)).json()["product"] == mine


def test_a_renewal_is_of_the_banks_own_loan(system, loan):
    put("approved", loan)
    said = {"bank_number": "HT-1", "on": str(timezone.localdate()), "renews": filed().number}
    told = system.send(f"loans/{loan.number}/sign/", said)
    assert (told.status_code, list(told.json())) == (400, ["renews"])


@pytest.mark.parametrize(("state", "step"), [("due_diligence", "approve"), ("approved", "sign")])
def test_nothing_is_decided_until_the_enterprise_consents_anew(system, loan, owner, state, step):
    put(state, loan)
    path = f"loans/{loan.number}/{step}/"
    said = {**approval(), "bank_number": "HT-1", "on": str(timezone.localdate())}
    granting.revoke(owner, loan.consent, at=timezone.now())
    told = system.send(path, said, key="k1")
    assert (told.status_code, told.json()["code"]) == (409, "consent_ended")
    shown = system.get(f"loans/{loan.number}/").json()
    assert (shown["state"], shown["waits_for_consent"]) == (state, True)
    assert system.get("loans/").json()["results"][0]["waits_for_consent"]
    loan.refresh_from_db()
    filing.consent_anew(owner, loan, sharing(timezone.now()), at=timezone.now())
    told = system.send(path, said, key="k1")
    assert (told.status_code, told.json()["waits_for_consent"]) == (200, False)


@pytest.mark.parametrize(
    ("state", "step", "ends"), [("approved", "take-back", "refused"), ("signed", "call-off", "expired")]
)
def test_a_manager_ends_it_before_the_money_once(owner, state, step, ends):
    system = System(bank(), role="manager")
    loan = put(state, filed(owner, published(system.bank)))
    path, said = f"loans/{loan.number}/{step}/", {"reason": "企业涉诉"}
    assert system.send(path).status_code == 400
    first, again = (system.send(path, said, key="k1") for _ in range(2))
    assert (first.status_code, first.json()["state"]) == (200, ends)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert loan.events.filter(comment="企业涉诉").count() == 1
    told = system.send(path, said)
    assert (told.status_code, told.json()["code"]) == (409, "transition_refused")


@pytest.mark.parametrize(("state", "step"), [("approved", "take-back"), ("signed", "call-off")])
def test_others_do_not(system, loan, state, step):
    put(state, loan)
    told = system.send(f"loans/{loan.number}/{step}/", {"reason": "x"})
    assert (told.status_code, told.json()["code"]) == (409, "not_manager")


# -- money


@pytest.fixture
def signed(system, loan):
    return put("signed", loan)


def test_a_serial_is_booked_once_however_often_it_comes(system, signed):
    rows = {"rows": [drawn(signed)]}
    assert system.send("drawdowns/", rows).json() == {"booked": 1, "known": 0}
    assert system.send("drawdowns/", rows).json() == {"booked": 0, "known": 1}
    assert system.send("drawdowns/", {"rows": rows["rows"] * 2}).json() == {"booked": 0, "known": 2}
    assert Drawdown.objects.count() == 1


def test_a_serial_with_another_amount_is_refused(system, signed):
    system.send("drawdowns/", {"rows": [drawn(signed)]})
    told = system.send("drawdowns/", {"rows": [drawn(signed, fen=1)]})
    assert (told.status_code, told.json()["code"]) == (409, "serial_used")


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount_fen": 50 * WAN}, "above_approval"),
        ({"bank_number": "HT-nobody"}, "no_loan"),
        ({"on": "2999-01-01"}, "future"),
    ],
)
def test_all_rows_or_none(system, signed, wrong, code):
    rows = [drawn(signed), drawn(signed, "F-2") | wrong]
    told = system.send("drawdowns/", {"rows": rows})
    assert (told.status_code, told.json()["code"]) == (409, code)
    assert told.json()["detail"].startswith("第 2 条")
    assert not Drawdown.objects.exists()


@pytest.mark.parametrize("rows", [[], [{}], "x", [1], [{"serial": "x" * 41}]])
def test_rows_that_are_none_are_refused(system, rows):
    assert system.send("drawdowns/", {"rows": rows}).status_code == 400


# -- consent


def test_facts_are_read_under_the_consent_and_the_enterprise_sees_it(system, loan):
    told = system.get(f"loans/{loan.number}/facts/")
    assert told.status_code == 200
    assert told["Cache-Control"] == "private, no-store"
    assert {"revenue", "debt_ratio"} <= {row["key"] for row in told.json()["facts"]}
    (reading,) = loan.consent.readings.all()
    assert (reading.client, reading.user, loan.number in reading.purpose) == ("信贷系统", None, True)


def test_the_score_comes_with_its_range_and_is_a_reading_too(system, loan):
    told = system.get(f"loans/{loan.number}/score/").json()
    assert told["low"] <= told["points"] <= told["high"]
    assert loan.consent.readings.count() == 1


@pytest.mark.parametrize("what", ["facts", "score"])
def test_after_the_revocation_nothing_is_read(system, loan, owner, what):
    granting.revoke(owner, loan.consent, "不想贷了", at=timezone.now())
    told = system.get(f"loans/{loan.number}/{what}/")
    assert (told.status_code, told.json()["code"]) == (409, "revoked")
    assert not loan.consent.readings.exists()


def test_the_contact_is_told_under_the_consent_alone(system, loan, owner):
    told = system.get(f"loans/{loan.number}/")
    assert (told.json()["contact_name"], told.json()["contact_phone"]) == ("王会计", "13800000000")
    assert told["Cache-Control"] == "private, no-store"
    granting.revoke(owner, loan.consent, "不想贷了", at=timezone.now())
    told = system.get(f"loans/{loan.number}/").json()
    assert (told["contact_name"], told["contact_phone"]) == ("", "")
    told = system.send(f"loans/{loan.number}/accept/").json()
    assert (told["state"], told["contact_phone"]) == ("accepted", "")


@pytest.mark.parametrize("hall", [False, True])
def test_nor_is_it_told_again_under_a_key(system, owner, hall):
    loan = opened(owner) if hall else filed(owner, published(system.bank))
    path = f"hall/{loan.number}/take/" if hall else f"loans/{loan.number}/accept/"
    assert system.send(path, key="k1").json()["contact_phone"] == "13800000000"
    assert "13800000000" not in str(BankCall.objects.get().answer)
    granting.revoke(owner, loan.consent, "不想贷了", at=timezone.now())
    again = system.send(path, key="k1")
    assert again["Idempotent-Replayed"] == "true"
    assert (again.json()["state"], again.json()["contact_name"], again.json()["contact_phone"]) == (
        "accepted",
        "",
        "",
    )


def test_withdrawn_by_the_enterprise(system, loan, owner):
    filing.withdraw(owner, loan, "", at=timezone.now())
    assert system.get(f"loans/{loan.number}/facts/").status_code == 409


def test_the_letter_is_a_pdf(system, loan):
    told = system.get(f"loans/{loan.number}/consent/")
    assert (told.status_code, told["Content-Type"]) == (200, "application/pdf")


def test_the_list_goes_on_where_it_ended(system):
    numbers = [filed(version=published(system.bank)).number for _loan in range(3)]
    first = system.get("loans/", page_size=2).json()
    filed(version=published(system.bank))
    rest = system.browser.get(first["next"], headers={"Authorization": f"Bearer {system.token}"}).json()
    assert [one["number"] for one in (*first["results"], *rest["results"])] == numbers[::-1]


def test_lists_take_few_queries(system, django_assert_max_num_queries):
    for _loan in range(3):
        filed(version=published(system.bank))
    system.get("loans/")
    with django_assert_max_num_queries(6):
        system.get("loans/")


def test_what_was_told_wrong_is_set_right(system):
    loan = put("signed", filed(version=published(system.bank)))
    system.send("drawdowns/", {"rows": [drawn(loan)]})
    said = {"bank_number": loan.bank_number, "serial": "F-1", "reason": "金额登错"}
    assert system.send("drawdowns/reverse/", said | {"serial": "F-9"}).status_code == 409
    assert system.send("drawdowns/reverse/", said | {"reason": ""}).status_code == 400
    done = system.send("drawdowns/reverse/", said, key="once")
    assert done.json() == {"number": loan.number, "state": "signed", "drawn_fen": 0, "repaid_fen": 0}
    assert system.send("drawdowns/reverse/", said, key="once").json() == done.json()
    assert system.send("drawdowns/reverse/", said).json()["code"] == "reversed"
    again = system.send("drawdowns/", {"rows": [drawn(loan)]})
    assert (again.status_code, again.json()["code"]) == (409, "reversed")
    assert system.send("drawdowns/", {"rows": [drawn(loan, fen=WAN)]}).json() == {"booked": 1, "known": 0}


def test_what_was_reversed_by_mistake_and_booked_again_is_known(system, loan):
    """The file that the system sends every night names it still: none of its rows is refused for that."""
    put("signed", loan)
    rows = [drawn(loan), drawn(loan, "F-2", WAN)]
    assert system.send("drawdowns/", {"rows": rows}).json() == {"booked": 2, "known": 0}
    said = {"bank_number": loan.bank_number, "serial": "F-2", "reason": "误冲"}
    assert system.send("drawdowns/reverse/", said).status_code == 200
    draw(loan, officer(system.bank), WAN, "F-2")
    assert system.send("drawdowns/", {"rows": rows}).json() == {"booked": 0, "known": 2}


def test_approved_is_what_was_applied_for(system, loan):
    put("due_diligence", loan)
    asked, other = loan.product_version.product, published(system.bank).product
    path = f"loans/{loan.number}/approve/"
    told = system.send(path, approval(product=other.code))
    assert (told.status_code, told.json()["code"]) == (409, "other_product")
    assert asked.code in told.content.decode()
    assert system.send(path, approval(product=asked.code)).json()["state"] == "approved"


def test_another_banks_rows_are_not_set_right(system):
    theirs = put("repaying")
    serial = theirs.repayments.get().serial
    said = {"bank_number": theirs.bank_number, "serial": serial, "reason": "x"}
    assert system.send("repayments/reverse/", said).json()["code"] == "no_row"
    narrow = System(theirs.bank, scopes=["loans:read"])
    assert narrow.send("repayments/reverse/", said).status_code == 403
    assert System(theirs.bank).send("repayments/reverse/", said).json()["state"] == "drawn"
