"""Whoever holds the application role alone: what raw SQL by UPDATE, INSERT, DELETE or settings cannot do."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from policies.models import Award, Payment, Transfer
from policies.money import freezes
from portal.accounts.roles import Role
from tests.databases import needs_two_roles
from tests.money.factories import Desk, account, official, payment_of
from tests.money.forging import release, send
from tests.money.refusing import denied, refused, run
from tests.rows import change, copy, delete

pytestmark = pytest.mark.django_db
NOW = "2026-03-02T08:00Z"
EVASIONS = {
    "nothing": "SELECT 1",
    "search path": "SET LOCAL search_path = pg_temp, public",
    "shadow of freezes": "CREATE TEMP TABLE policies_freeze (LIKE public.policies_freeze) ON COMMIT DROP",
    "shadow of batches": "CREATE TEMP TABLE policies_paymentbatch ON COMMIT DROP AS"
    " SELECT id, 'draft'::varchar AS state FROM public.policies_paymentbatch",
    "shadow of lines": "CREATE TEMP TABLE policies_budgetline ON COMMIT DROP AS"
    " TABLE public.policies_budgetline",
    "shadow of transfers": "CREATE TEMP TABLE policies_transfer ON COMMIT DROP AS"
    " TABLE public.policies_transfer",
    "ignore": "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger",
}
evading = pytest.mark.parametrize("evasion", EVASIONS.values(), ids=EVASIONS.keys())
STATES = ("prepared", "sent", "unknown", "paid", "returned", "void")


@evading
class TestWithEverySettingAndShadow:
    """A class for each crime; the tables are named in full, as somebody would who shadows them."""

    def test_a_frozen_payment_is_not_sent(self, evasion):
        desk = Desk()
        batch = desk.confirmed()
        freezes.freeze(None, "核查", by=official(Role.LEADER), at=desk.tick())
        run(evasion)
        self.refused(
            "UPDATE public.policies_payment SET state = 'sent', sent_at = now() WHERE batch_id = %s", batch.pk
        )

    def test_nothing_is_added_to_what_was_prepared(self, evasion):
        desk = Desk()
        batch, other = desk.prepared(), payment_of(desk.draft(desk.award()))
        run(evasion)
        self.refused(
            """INSERT INTO public.policies_payment
                   (batch_id, line_id, award_id, enterprise_id, account_id, amount_fen, state, reason)
               SELECT %s, line_id, award_id, enterprise_id, account_id, amount_fen, 'prepared', ''
               FROM public.policies_payment WHERE id = %s""",
            batch.pk,
            other.pk,
        )

    def test_a_budget_line_is_not_moved(self, evasion):
        line = Desk().line
        run(evasion)
        self.refused("UPDATE public.policies_budgetline SET paid_fen = 1 WHERE id = %s", line.pk)

    def test_what_is_sent_is_booked(self, evasion):
        desk = Desk()
        batch = desk.released()
        payment = payment_of(batch)
        run(evasion)
        run("UPDATE public.policies_payment SET state = 'unknown' WHERE id = %s", payment.pk)
        self.refused(
            "UPDATE public.policies_payment SET state = 'paid', settled_at = now() WHERE id = %s", payment.pk
        )
        run("SET LOCAL search_path = public")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT kind, amount_fen FROM public.policies_transfer WHERE payment_id = %s", [payment.pk]
            )
            assert cursor.fetchall() == [("reserve", payment.amount_fen)]

    @staticmethod
    def refused(statement, *parameters):
        with pytest.raises(IntegrityError), transaction.atomic():
            run(statement, *parameters)


@evading
class TestAwardsFromNoList:
    """What is enjoyed without applying was taken from a list that was confirmed; looked at at the commit."""

    INSERT = """INSERT INTO public.policies_award (item_id, enterprise_id, period, version_id, amount_fen,
            source, exclusivity_group, evidence, digest, made_at)
        SELECT item_id, enterprise_id, period + %s, version_id, amount_fen, 'enjoy', '', '{}', 'x', now()
          FROM public.policies_award WHERE id = %s"""

    def test_are_refused(self, evasion):
        owed = Desk().award()
        run(evasion)
        refused("policies_award_from_a_list", lambda: self.insert(owed))

    def test_are_refused_with_a_shadow_of_the_lists(self, evasion):
        owed = Desk().award()
        run(evasion)
        run(
            "CREATE TEMP TABLE policies_enjoycandidate ON COMMIT DROP"
            " AS SELECT generate_series(1, 9999) award_id"
        )
        refused("policies_award_from_a_list", lambda: self.insert(owed))

    def insert(self, owed):
        run(self.INSERT, 1, owed.pk)
        run("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.django_db(transaction=True)
def test_an_award_from_no_list_is_not_committed():
    owed = Desk().award()
    with pytest.raises(IntegrityError) as refusal:
        run(TestAwardsFromNoList.INSERT, 1, owed.pk)
    assert refusal.value.__cause__.diag.constraint_name == "policies_award_from_a_list"
    assert Award.objects.get() == owed


def test_the_ledger_of_a_shadowed_line_moves_the_true_one():
    desk = Desk()
    batch = desk.confirmed()
    run("CREATE TEMP TABLE policies_budgetline ON COMMIT DROP AS TABLE public.policies_budgetline")
    run("CREATE TEMP TABLE policies_transfer ON COMMIT DROP AS TABLE public.policies_transfer")
    release(batch, desk.releaser)
    run("UPDATE public.policies_payment SET state = 'sent', sent_at = now() WHERE batch_id = %s", batch.pk)
    run("DROP TABLE pg_temp.policies_budgetline, pg_temp.policies_transfer")
    assert desk.books() == (batch.total_fen, 0)
    assert Transfer.objects.get().kind == "reserve"


@needs_two_roles
class TestTransfers:
    def test_are_not_forged_edited_or_deleted(self):
        desk = Desk()
        desk.settled()
        row = Transfer.objects.earliest("pk")
        for act in (
            lambda: copy(row, kind="release"),
            lambda: change(row, amount_fen=1),
            lambda: delete(row),
            lambda: run(
                "MERGE INTO policies_transfer t USING (SELECT 1) s ON false WHEN NOT MATCHED THEN"
                " INSERT (payment_id, line_id, kind, amount_fen, at) VALUES (1, 1, 'post', 1, now())"
            ),
            lambda: run("COPY policies_transfer FROM STDIN"),
            lambda: run("TRUNCATE policies_transfer"),
            lambda: run("LOCK TABLE policies_transfer IN EXCLUSIVE MODE"),
        ):
            denied(act)

    def test_are_not_booked_by_hanging_the_ledger_on_a_table_of_ones_own(self):
        """Its function runs with the owner's rights: on a temporary table it would book anything."""
        desk = Desk()
        payment = payment_of(desk.released())
        run("CREATE TEMP TABLE mine ON COMMIT DROP AS TABLE public.policies_payment")
        denied(
            lambda: run(
                "CREATE TRIGGER mine AFTER UPDATE ON mine"
                " REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows"
                " FOR EACH STATEMENT EXECUTE FUNCTION public.policies_payment_ledger()"
            )
        )
        denied(lambda: run("SELECT public.policies_payment_ledger()"))
        assert list(Transfer.objects.values_list("payment", "kind")) == [(payment.pk, "reserve")]

    def test_no_function_with_the_owners_rights_is_left_open(self):
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT proname FROM pg_proc
                   WHERE prosecdef AND pronamespace = 'public'::regnamespace AND proname LIKE 'policies%%'
                       AND has_function_privilege(oid, 'EXECUTE')"""
            )
            assert cursor.fetchall() == []


class TestPaying:
    def test_twice_is_refused_while_the_first_lives(self):
        desk = Desk()
        owed = desk.award()
        paid = payment_of(desk.settled(owed))
        again = desk.draft(desk.award())
        refused(
            "policies_payment_one_live",
            lambda: copy(paid, batch_id=again.pk, state="prepared", sent_at=None, settled_at=None),
        )

    def test_a_returned_payment_does_not_live_again(self):
        desk = Desk()
        batch = desk.released()
        desk.settle(batch, "returned")
        payment = payment_of(batch)
        for state in ("prepared", "sent", "unknown", "paid"):
            refused("policies_payment_state_transitions", lambda state=state: change(payment, state=state))

    def test_no_state_is_skipped_or_taken_back(self):
        desk = Desk()
        batches = [desk.draft(desk.award()), desk.released(), desk.settled()]
        for batch in batches:
            payment = payment_of(batch)
            allowed = {target for source, target in Payment.machine.edges if source == payment.state}
            for state in set(STATES) - allowed - {payment.state}:
                with pytest.raises(IntegrityError), transaction.atomic():
                    change(payment, state=state, settled_at=NOW, sent_at=NOW, reason="x")

    def test_a_batch_is_not_born_confirmed(self):
        batch = Desk().confirmed()
        refused("policies_paymentbatch_state_transitions", lambda: copy(batch, number="PC-X"))

    @needs_two_roles
    def test_the_award_the_account_and_the_signature_are_not_changed(self):
        desk = Desk()
        batch = desk.confirmed()
        payment = payment_of(batch)
        for row, values in (
            (payment.award, {"amount_fen": 1}),
            (payment.account, {"number": "6222000000"}),
            (payment.account.finding, {"outcome": "matched"}),
            (batch.signatures.get(), {"digest": "0" * 64}),
            (batch.events.earliest("pk"), {"name": "x"}),
        ):
            denied(lambda row=row, values=values: change(row, **values))
            denied(lambda row=row: delete(row))

    def test_overspending_arrives_as_the_budgets_own_refusal(self):
        desk = Desk(appropriated_fen=1)
        run("UPDATE policies_budgetline SET appropriated_fen = %s WHERE id = %s", 10_000_000, desk.line.pk)
        desk.line.refresh_from_db()
        batch = desk.confirmed()
        run("UPDATE policies_budgetline SET appropriated_fen = 9999999 WHERE id = %s", desk.line.pk)
        release(batch, desk.releaser)
        refused("policies_budgetline_within", lambda: send(payment_of(batch)))
        assert desk.books() == (0, 0)

    def test_an_unchecked_account_gets_nothing(self):
        desk = Desk()
        batch = desk.confirmed()
        payment = payment_of(batch)
        account(payment.enterprise, checked=False)
        release(batch, desk.releaser)
        refused("policies_payment_checked", lambda: send(payment))

    def test_an_account_that_money_came_back_from_gets_nothing(self):
        desk = Desk()
        first = desk.award()
        sent = desk.released(first)
        batch = desk.confirmed(desk.award(enterprise=first.enterprise, period=2025))
        desk.settle(sent, "returned")
        release(batch, desk.releaser)
        refused("policies_payment_checked", lambda: send(payment_of(batch)))

    @needs_two_roles
    def test_settings_and_roles_are_out_of_reach(self):
        for statement in (
            "SET session_replication_role = replica",
            "ALTER TABLE policies_payment DISABLE TRIGGER ALL",
            "ALTER TABLE policies_budgetline DISABLE TRIGGER policies_budgetline_ledger",
            "DROP TRIGGER policies_payment_frozen ON policies_payment",
            "CREATE OR REPLACE FUNCTION policies_batch_digest(bigint) RETURNS text LANGUAGE sql AS ''",
        ):
            with pytest.raises(ProgrammingError), transaction.atomic():
                run(statement)
