"""Deeds of raw SQL against what the database holds of money, each with the constraint that refuses it."""

import datetime as dt
from hashlib import sha256

from django.db import connection

from policies.models import AccountCheck, Correction, Freeze, InstructionFile, PayeeAccount, ReturnFile
from policies.money import corrections
from policies.money.batches import digest
from portal.accounts.roles import Role
from tests.accounts.factories import UserFactory
from tests.applying import factories as applying
from tests.enjoying.taken import grant
from tests.money.factories import Desk, account, answer, new_award, official, payment_of, return_file
from tests.money.forging import confirm, release, send
from tests.rows import change, copy

NOW = "2026-03-02T08:00Z"


def check(given, outcome="matched", by=None, note=""):
    AccountCheck.objects.create(
        account=given, outcome=outcome, checked_by=by or UserFactory(), checked_at=NOW, note=note
    )


def other_name():
    given = account(checked=False)
    copy(given, holder="李四")
    check(PayeeAccount.objects.latest("pk"))


def unsent():
    """A batch that is released by raw SQL, its payment not sent."""
    desk = Desk()
    batch = desk.confirmed()
    release(batch, desk.releaser)
    return batch


def twin_of(payment):
    """Another award of the same enterprise and sum that nobody pays."""
    row = payment.award
    twin = new_award(row.version, row.enterprise, period=row.period + 1, amount_fen=row.amount_fen)
    return grant(twin, at=row.made_at)[0]


def drafted():
    desk = Desk()
    return desk.draft(desk.award())


def pays(payment, **values):
    copy(payment, **{"award_id": twin_of(payment).pk} | values)


def in_draft():
    desk = Desk()
    return payment_of(desk.draft(desk.award()))


def sent_while_frozen():
    batch = unsent()
    Freeze.objects.create(reason="核查", by=UserFactory(), at=NOW)
    send(payment_of(batch))


def sent_to_an_old_account():
    payment = payment_of(unsent())
    copy(payment.account)
    send(payment)


def freeze(**values):
    return Freeze.objects.create(
        **{"reason": "核查", "by": UserFactory(), "at": dt.datetime.now(dt.UTC)} | values
    )


def asked():
    frozen = freeze()
    change(frozen, thaw_asked_by_id=frozen.by_id, thaw_asked_at=NOW)
    frozen.refresh_from_db()
    return frozen


def signature():
    return Desk().confirmed().signatures.get()


def instruction():
    return Desk().released().instruction


def received():
    return return_file(Desk().released())


def booked():
    desk = Desk()
    batch = desk.settled()
    return payment_of(batch).answers.get()


def preparing(row, **values):
    """All that preparing a draft of one payment writes, by raw SQL."""
    given = {"prepared_by_id": UserFactory().pk, "prepared_at": NOW, "digest": digest(row)}
    given |= {"count": 1, "total_fen": payment_of(row).amount_fen}
    change(row, state="prepared", **given | values)


def instructed(**values):
    given = {
        "number": "ZF-1",
        "content": b"x",
        "sha256": sha256(b"x").hexdigest(),
        "count": 1,
        "total_fen": 1,
    }
    InstructionFile.objects.create(batch=unsent(), written_at=NOW, **given | values)


def came(**values):
    given = {"content": b"x", "sha256": sha256(b"x").hexdigest(), "via": "folder"}
    ReturnFile.objects.create(name="x", received_at=NOW, **given | values)


def proposed(**values):
    Correction.objects.create(award=award(), kind="topup", evidence={}, proposed_at=NOW, **values)


def confirmed_alone():
    by = UserFactory()
    came(via="upload", by=by)
    file = ReturnFile.objects.latest("pk")
    change(file, state="waiting")
    change(file, state="received", confirmed_by_id=by.pk, confirmed_at=NOW)


def applied_again():
    desk = Desk()
    batch = desk.released()
    first = desk.settle(batch)
    change(return_file(batch), state="applied", number=first.number)


def correction(over_fen=1):
    desk = Desk()
    award = desk.award()
    desk.settled(award)
    difference = corrections.Difference(award, over_fen, {"why": "更正"})
    return corrections.propose([difference], at=desk.at)[0]


def accepted(over_fen=1):
    row = correction(over_fen)
    corrections.accept(row, "属实", by=official(Role.LEADER), at=dt.datetime.now(dt.UTC))
    return row


def award():
    return Desk().award()


def of_application():
    return applying.approved().award


def topup():
    return accepted(-1).topup


def line():
    return Desk().line


def used():
    desk = Desk()
    desk.released()
    return desk.line


def from_no_list():
    copy(award(), period=2027)
    connection.check_constraints()


def unsettled():
    """A batch that is answered and not settled yet."""
    desk = Desk()
    batch = desk.released()
    payment = payment_of(batch)
    file = return_file(batch)
    said = answer(payment)
    file.lines.create(
        line_no=1,
        serial=said.serial,
        payment=payment,
        outcome="paid",
        amount_fen=payment.amount_fen,
        value_date=said.value_date,
    )
    change(payment, state="paid", settled_at=NOW)
    return batch


CASES = [
    ("policies_payeeaccount_number", lambda: copy(account(), number="62220")),
    ("policies_payeeaccount_number", lambda: copy(account(), number="６２２２０２")),
    ("policies_payeeaccount_number", lambda: copy(account(), number="6222\n02")),
    ("policies_payeeaccount_number", lambda: copy(account(), number="622202\n")),
    ("policies_payeeaccount_whole", lambda: copy(account(), bank="")),
    ("policies_payeeaccount_whole", lambda: copy(account(), holder="")),
    ("policies_accountcheck_outcome", lambda: check(account(checked=False), "mismatched")),
    ("policies_accountcheck_outcome", lambda: check(account(checked=False), "fine")),
    (
        "policies_accountcheck_outsider",
        lambda: (lambda given: check(given, by=given.given_by))(account(checked=False)),
    ),
    ("policies_accountcheck_name", other_name),
    ("policies_accountcheck_account_id_key", lambda: copy(account().finding)),
    ("policies_award_amount", lambda: copy(award(), period=2027, amount_fen=0)),
    ("policies_award_amount", lambda: copy(award(), period=2027, amount_fen=-1)),
    ("policies_award_once", lambda: copy(award())),
    ("policies_award_from_a_list", from_no_list),
    ("policies_award_source", lambda: copy(award(), period=2027, source="gift")),
    ("policies_award_source", lambda: copy(award(), source="correction")),
    ("policies_award_source", lambda: copy(award(), period=2027, source="application")),
    (
        "policies_award_of_application",
        lambda: copy(award(), period=2027, source="application", application_id=applying.sent().pk),
    ),
    (
        "policies_award_of_correction",
        lambda: copy(award(), source="correction", correction_id=correction(-1).pk),
    ),
    ("policies_award_application_id_key", lambda: copy(of_application(), period=2027)),
    ("policies_award_correction_id_key", lambda: copy(topup())),
    ("policies_budgetline_code_key", lambda: copy(line())),
    ("policies_budgetline_not_negative", lambda: change(line(), appropriated_fen=-1)),
    ("policies_budgetline_within", lambda: change(used(), appropriated_fen=1)),
    ("policies_budgetline_year", lambda: change(line(), year=20260)),
    ("policies_budgetline_ledger", lambda: change(line(), reserved_fen=1)),
    ("policies_budgetline_ledger", lambda: change(used(), reserved_fen=0)),
    ("policies_budgetline_ledger", lambda: change(line(), paid_fen=1)),
    ("policies_budgetline_ledger", lambda: copy(line(), code="X", paid_fen=1)),
    ("policies_freeze_one_live", lambda: copy(freeze())),
    (
        "policies_freeze_one_scope",
        lambda: (lambda batch: freeze(batch=batch, line=batch.line))(drafted()),
    ),
    ("policies_freeze_with_reason", lambda: freeze(reason="")),
    ("policies_freeze_thawed_in_order", lambda: change(freeze(), thaw_asked_at=NOW)),
    ("policies_freeze_thawed_in_order", lambda: change(asked(), thawed_at=NOW)),
    (
        "policies_freeze_thawed_by_two",
        lambda: (lambda row: change(row, thawed_by_id=row.thaw_asked_by_id, thawed_at=NOW))(asked()),
    ),
    (
        "policies_paymentbatch_prepared",
        lambda: (
            lambda row: change(row, state="prepared", digest=digest(row), count=1, total_fen=10_000_000)
        )(drafted()),
    ),
    ("policies_paymentbatch_number_key", lambda: copy(drafted())),
    ("policies_paymentbatch_digest", lambda: preparing(drafted(), digest="0" * 64)),
    ("policies_paymentbatch_digest", lambda: preparing(drafted(), total_fen=1)),
    ("policies_paymentbatch_digest", lambda: preparing(drafted(), count=2)),
    (
        "policies_paymentbatch_confirmed",
        lambda: confirm(Desk().prepared(), UserFactory(), confirmed_at=None),
    ),
    ("policies_paymentbatch_released", lambda: release(Desk().confirmed(), UserFactory(), released_at=None)),
    ("policies_paymentbatch_settled", lambda: change(unsettled(), state="settled")),
    (
        "policies_paymentbatch_three_people",
        lambda: (lambda row: confirm(row, row.prepared_by))(Desk().prepared()),
    ),
    (
        "policies_paymentbatch_three_people",
        lambda: (lambda row: release(row, row.prepared_by))(Desk().confirmed()),
    ),
    (
        "policies_paymentbatch_three_people",
        lambda: (lambda row: release(row, row.confirmed_by))(Desk().confirmed()),
    ),
    (
        "policies_paymentbatch_signed",
        lambda: change(
            Desk().prepared(), state="confirmed", confirmed_by_id=UserFactory().pk, confirmed_at=NOW
        ),
    ),
    (
        "policies_paymentbatch_round",
        lambda: change(
            Desk().prepared(),
            state="draft",
            digest="",
            count=0,
            total_fen=0,
            prepared_by_id=None,
            prepared_at=None,
        ),
    ),
    ("policies_paymentbatch_over", lambda: change(Desk().released(), state="settled", settled_at=NOW)),
    ("policies_paymentbatch_over", lambda: change(drafted(), state="cancelled")),
    ("policies_batchsignature_once", lambda: copy(signature(), second_factor="x")),
    ("policies_batchsignature_code_once", lambda: copy(signature(), round=9)),
    ("policies_batchsignature_whole", lambda: copy(signature(), round=9, second_factor="")),
    ("policies_payment_amount", lambda: pays(in_draft(), amount_fen=0)),
    ("policies_payment_one_live", lambda: copy(in_draft())),
    ("policies_payment_sent_at", lambda: change(in_draft(), state="void", reason="不付了", sent_at=NOW)),
    ("policies_payment_sent_at", lambda: change(in_draft(), state="sent")),
    (
        "policies_payment_settled_at",
        lambda: change(payment_of(Desk().released()), state="unknown", settled_at=NOW),
    ),
    ("policies_payment_settled_at", lambda: change(payment_of(Desk().released()), state="paid")),
    ("policies_payment_with_reason", lambda: change(in_draft(), state="void")),
    ("policies_payment_award", lambda: pays(in_draft(), amount_fen=1)),
    ("policies_payment_award", lambda: pays(in_draft(), award_id=award().pk)),
    ("policies_payment_account", lambda: pays(in_draft(), account_id=account().pk)),
    ("policies_payment_batch", lambda: pays(in_draft(), line_id=line().pk)),
    ("policies_payment_into_draft", lambda: pays(payment_of(Desk().prepared()))),
    (
        "policies_payment_out_of_draft",
        lambda: change(payment_of(Desk().prepared()), state="void", reason="不付了"),
    ),
    ("policies_payment_released", lambda: send(in_draft())),
    ("policies_payment_released", lambda: send(payment_of(Desk().confirmed()))),
    ("policies_payment_frozen", sent_while_frozen),
    ("policies_payment_checked", sent_to_an_old_account),
    (
        "policies_payment_answered",
        lambda: change(payment_of(Desk().released()), state="paid", settled_at=NOW),
    ),
    (
        "policies_payment_answered",
        lambda: change(payment_of(Desk().settled()), state="returned", settled_at=NOW, reason="退"),
    ),
    ("policies_instructionfile_sha256", lambda: instructed(sha256="0" * 64)),
    (
        "policies_instructionfile_number_key",
        lambda: (lambda file: copy(file, batch_id=drafted().pk))(instruction()),
    ),
    ("policies_instructionfile_batch_id_key", lambda: copy(instruction(), number="ZF-1")),
    ("policies_instructionfile_pays", lambda: instructed(count=0)),
    ("policies_returnfile_same_bytes", lambda: copy(received())),
    ("policies_returnfile_number_once", applied_again),
    ("policies_returnfile_sha256", lambda: came(sha256="0" * 64)),
    ("policies_returnfile_via", lambda: came(via="upload")),
    ("policies_returnfile_four_eyes", confirmed_alone),
    ("policies_returnfile_applied", lambda: change(received(), state="applied", number="")),
    ("policies_returnfile_reasons", lambda: change(received(), state="quarantined")),
    ("policies_returnline_serial_once", lambda: copy(booked(), outcome="returned")),
    ("policies_returnline_outcome_once", lambda: copy(booked(), serial="X")),
    ("policies_returnline_whole", lambda: copy(booked(), serial="", outcome="returned")),
    ("policies_correction_one_open", lambda: copy(correction())),
    ("policies_correction_amount", lambda: proposed(amount_fen=0)),
    ("policies_correction_decided", lambda: change(correction(), state="accepted")),
    ("policies_correction_recovered", lambda: change(accepted(-1), state="recovered", recovered_at=NOW)),
    ("policies_correction_recovered", lambda: change(accepted(), state="recovered")),
]
