"""Each constraint of banks and products is provoked by its name, with raw SQL, as the application role."""

import itertools

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from enterprises.models import Grantee
from finance.models import Bank, BankOfficer, Branch, ProductVersion
from finance.models.vocabulary import ProductState
from portal.kernel.errors import DomainError
from tests.databases import needs_two_roles
from tests.enterprises.factories import uscc_of
from tests.finance import factories as make
from tests.rows import change, copy

pytestmark = pytest.mark.django_db
CODES = map(uscc_of, itertools.count(100))


def bank(**values):
    return lambda: change(make.BankFactory(), **values)


def branch(**values):
    return lambda: change(make.BranchFactory(), **values)


def same_branch():
    copy(make.BranchFactory())


def officer(**values):
    return lambda: change(make.BankOfficerFactory(), **values)


def two_banks():
    post = make.BankOfficerFactory()
    copy(post, bank_id=make.BankFactory().pk)


def branch_of_another_bank():
    change(make.BankOfficerFactory(), branch_id=make.BranchFactory().pk)


def version(**values):
    return lambda: change(make.draft(), **values)


def same_number():
    make_second(make.published(conditions=None), number=1)


def make_second(first, **values):
    copy(first, **({"number": 2, "state": "draft", "published_at": None, "published_by_id": None} | values))


def two_in_preparation():
    make_second(make.draft(conditions=None))


def two_published():
    first = make.published(conditions=None)
    make_second(first)
    second = ProductVersion.objects.get(product=first.product, number=2)
    change(second, state="in_review")
    change(second, state="published", published_at=timezone.now(), published_by_id=first.published_by_id)


def published_by_nobody():
    change(make.submitted(conditions=None), state="published", published_at=timezone.now())


def without_reason():
    change(make.published(conditions=None), state="withdrawn")


def taken(make_one, column):
    def provoke():
        first, second = make_one(), make_one()
        change(second, **{column: getattr(first, column)})

    return provoke


def product():
    return make.draft(conditions=None).product


def written_twice():
    copy(make.draft(conditions=None).editors.get())


def grantee_of_two():
    one = Grantee.objects.create(kind="bank", name="甲行", uscc=uscc_of(1))
    change(make.BankFactory(), grantee_id=one.pk)
    change(make.BankFactory(), grantee_id=one.pk)


CASES = [
    ("finance_bank_code_key", taken(make.BankFactory, "code")),
    ("finance_bank_name_key", taken(make.BankFactory, "name")),
    ("finance_bank_short_key", taken(make.BankFactory, "short")),
    ("finance_bank_uscc_key", taken(lambda: make.BankFactory(uscc=next(CODES)), "uscc")),
    ("finance_bank_grantee_id_key", grantee_of_two),
    ("finance_creditproduct_code_key", taken(product, "code")),
    ("finance_creditproduct_rule_id_key", taken(product, "rule_id")),
    ("finance_productversion_rule_version_id_key", taken(make.draft, "rule_version_id")),
    ("finance_productversion_editor_once", written_twice),
    ("finance_bank_named", bank(name="")),
    ("finance_bank_named", bank(short="")),
    ("finance_bank_uscc", bank(uscc="91500231")),
    ("finance_branch_named", branch(name="")),
    ("finance_branch_once", same_branch),
    ("finance_bankofficer_role", officer(role="boss")),
    ("finance_bankofficer_period", officer(until="2000-01-01")),
    ("finance_bankofficer_one_bank", two_banks),
    ("finance_bankofficer_own_branch", branch_of_another_bank),
    ("finance_productversion_number_once", same_number),
    ("finance_productversion_one_in_preparation", two_in_preparation),
    ("finance_productversion_one_published", two_published),
    ("finance_productversion_named", version(name="")),
    ("finance_productversion_named", version(source="")),
    ("finance_productversion_words", version(kind="gift")),
    ("finance_productversion_words", version(purposes=["gambling"])),
    ("finance_productversion_words", version(repayments=["never"])),
    ("finance_productversion_words", version(securities=["promise"])),
    ("finance_productversion_amounts", version(amount_min_fen=0)),
    ("finance_productversion_amounts", version(amount_max_fen=-1)),
    ("finance_productversion_amounts", version(amount_min_fen=300_000_001)),
    ("finance_productversion_terms", version(term_min=0)),
    ("finance_productversion_terms", version(term_max=481)),
    ("finance_productversion_terms", version(term_min=13)),
    ("finance_productversion_rates", version(rate_low=0)),
    ("finance_productversion_rates", version(rate_high="36.0001")),
    ("finance_productversion_rates", version(rate_high="NaN")),
    ("finance_productversion_rates", version(rate_low="4.3501")),
    ("finance_productversion_answer_days", version(answer_days=0)),
    ("finance_productversion_source_year", version(source_year=1999)),
    ("finance_productversion_four_eyes", published_by_nobody),
    ("finance_productversion_withdrawn_with_reason", without_reason),
]


@pytest.mark.parametrize(
    ("constraint", "provoke"), CASES, ids=[f"{n}-{i}" for i, (n, _p) in enumerate(CASES)]
)
def test_the_database_refuses(constraint, provoke):
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        _undone(provoke)
    assert refusal.value.__cause__.diag.constraint_name == constraint


def _undone(provoke):
    """What a missing constraint lets in is taken back before the checks at the end meet it."""
    provoke()
    transaction.set_rollback(True)


def refused(constraint, *statements):
    """The statements, as one transaction, break that constraint; at its end the deferred ones speak."""
    whole = "; ".join([*statements, "SET CONSTRAINTS ALL IMMEDIATE"])
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(whole)
    assert refusal.value.__cause__.diag.constraint_name == constraint


@pytest.mark.parametrize("made", [make.submitted, make.published], ids=["in review", "published"])
@pytest.mark.parametrize(
    "said", ["name = '零利率贷'", "rate_low = 1", "rule_version_id = NULL", "revision = 9"]
)
def test_what_was_submitted_stands(made, said):
    refused(
        "finance_productversion_stands", f"UPDATE finance_productversion SET {said} WHERE id = {made().pk}"
    )


@pytest.mark.parametrize("said", ["published_at = now()", "published_by_id = edited_by_id"])
def test_who_published_and_when_stands(said):
    row = make.published()
    # the four eyes of the row would speak first: nobody who wrote it stands in for the publisher
    said = said.replace("edited_by_id", str(make.publisher().pk))
    refused(
        "finance_productversion_publication_stands",
        f"UPDATE finance_productversion SET {said} WHERE id = {row.pk}",
    )


def test_an_earlier_editor_does_not_publish_by_raw_sql():
    author = make.editor()
    row = make.submitted(by=author, conditions=None)
    refused(
        "finance_productversion_other_eyes",
        f"UPDATE finance_productversion SET state = 'draft' WHERE id = {row.pk}",
        f"UPDATE finance_productversion SET edited_by_id = {make.editor().pk} WHERE id = {row.pk}",
        f"UPDATE finance_productversion SET state = 'in_review' WHERE id = {row.pk}",
        "UPDATE finance_productversion SET state = 'published', published_at = now(),"
        f" published_by_id = {author.pk} WHERE id = {row.pk}",
    )


def test_the_conditions_of_what_was_submitted_stand():
    row = make.submitted()
    refused(
        "finance_productversion_conditions_stand",
        f"UPDATE matching_ruleversion SET conditions = '{{}}' WHERE id = {row.rule_version_id}",
    )


def test_version_and_conditions_are_published_and_withdrawn_together():
    waiting, offered = make.submitted(), make.published()
    refused(
        "finance_productversion_rule_agrees",
        f"UPDATE matching_ruleversion SET published_at = now() WHERE id = {waiting.rule_version_id}",
    )
    refused(
        "finance_productversion_rule_agrees",
        "UPDATE matching_ruleversion SET retracted_at = now(), retraction_reason = 'x'"
        f" WHERE id = {offered.rule_version_id}",
    )


def test_a_version_is_not_withdrawn_without_its_conditions():
    offered = make.published()
    with connection.cursor() as cursor:  # what making it left to be checked is checked now
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    refused(
        "finance_productversion_rule_agrees",
        "UPDATE finance_productversion SET state = 'withdrawn', withdrawal_reason = 'x'"
        f" WHERE id = {offered.pk}",
    )


def test_a_version_takes_no_conditions_of_another_product():
    row, other = make.draft(), make.draft()
    other_rule = other.rule_version_id
    refused(
        "finance_productversion_rule_agrees",
        f"UPDATE finance_productversion SET rule_version_id = NULL WHERE id = {other.pk}",
        f"UPDATE finance_productversion SET rule_version_id = {other_rule} WHERE id = {row.pk}",
    )


def test_who_wrote_a_version_is_kept_by_the_database():
    author, other = make.editor(), make.editor()
    row = make.draft(by=author)
    change(row, edited_by_id=other.pk)
    assert set(row.editors.values_list("user", flat=True)) == {author.pk, other.pk}


@pytest.mark.parametrize("state", [state.value for state in ProductState if state != ProductState.DRAFT])
def test_no_version_is_born_in_a_later_state(state):
    row = make.draft(conditions=None)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        copy(row, number=2, state=state)
    assert refusal.value.__cause__.diag.constraint_name == "finance_productversion_state_transitions"


def test_a_draft_is_not_published_at_once():
    row = make.draft(conditions=None)
    refused(
        "finance_productversion_state_transitions",
        "UPDATE finance_productversion SET state = 'published', published_at = now(),"
        f" published_by_id = {make.publisher().pk} WHERE id = {row.pk}",
    )


def test_no_version_is_deleted():
    row = make.draft(conditions=None)
    refused(
        "finance_productversion_state_transitions", f"DELETE FROM finance_productversion WHERE id = {row.pk}"
    )


@needs_two_roles
@pytest.mark.parametrize(
    "table",
    [
        "finance_productversioneditor",
        "finance_productversionevent",
        "finance_bankhistory",
        "finance_branchhistory",
        "finance_bankofficerhistory",
        "finance_creditproducthistory",
        "finance_productversionhistory",
    ],
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"], ids=["UPDATE", "DELETE"])
def test_what_is_written_is_not_written_anew(table, statement):
    from django.db import ProgrammingError

    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_every_constraint_of_these_models_is_provoked():
    named = {
        one.name for model in (Bank, Branch, BankOfficer, ProductVersion) for one in model._meta.constraints
    }
    assert named <= {name for name, _provoke in CASES}


def test_the_words_of_a_refusal_are_the_forms_own():
    row = make.BankOfficerFactory.build(user=make.UserFactory(), bank=make.BankFactory(), until="2000-01-01")
    from django.core.exceptions import ValidationError

    with pytest.raises((ValidationError, DomainError), match="任职止须晚于任职自"):
        row.full_clean()
