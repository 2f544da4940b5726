"""What the database refuses, each by its name, with raw writes where Django would be in the way."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from enterprises.catalogue import Tier
from enterprises.models import (
    Claim,
    CodeList,
    Credential,
    CredentialKind,
    Enterprise,
    Fact,
    FactValue,
    Import,
    MemberRole,
    Membership,
    ReferenceFigure,
    Region,
)
from enterprises.models.facts import validate_choices
from portal.accounts.models import Department
from tests.accounts.factories import UserFactory
from tests.enterprises.factories import TODAY, EnterpriseFactory, MembershipFactory, give_value

pytestmark = pytest.mark.django_db


def refuses(name, write):
    """The write raises IntegrityError for the constraint of this name."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    assert refused.value.__cause__.diag.constraint_name.startswith(name)


@pytest.fixture
def enterprise(db):
    return EnterpriseFactory()


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("enterprises_enterprise_uscc", "uscc", "91500231ma60000168"),
        ("enterprises_enterprise_named", "name", ""),
        ("enterprises_enterprise_industry", "industry", "C36"),
        ("enterprises_enterprise_entity_type", "entity_type", "firm"),
        ("enterprises_enterprise_ownership", "ownership", "mixed"),
        ("enterprises_enterprise_status", "status", "gone"),
        ("enterprises_enterprise_established", "established_on", dt.date(1899, 12, 31)),
    ],
)
def test_enterprise_columns(enterprise, name, column, value):
    refuses(name, lambda: Enterprise.objects.filter(pk=enterprise.pk).update(**{column: value}))


def test_an_enterprise_is_not_its_own_predecessor(enterprise):
    refuses(
        "enterprises_enterprise_not_own_predecessor",
        lambda: Enterprise.objects.filter(pk=enterprise.pk).update(predecessor=enterprise.pk),
    )


def test_a_credit_code_is_taken_once(enterprise):
    refuses("enterprises_enterprise_uscc_", lambda: EnterpriseFactory(uscc=enterprise.uscc))


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"scaled": 1, "text": "x"},
        {"scaled": 1, "not_applicable": True},
        {"scaled": 1, "withdrawn": True},
        {"not_applicable": True, "withdrawn": True},
        {"text": "x", "items": ["x"]},
    ],
)
def test_a_value_is_exactly_one(enterprise, columns):
    refuses(
        "enterprises_factvalue_one_value", lambda: give_value(enterprise, "revenue", period=2024, **columns)
    )


@pytest.mark.parametrize(
    ("key", "columns"),
    [
        ("revenue", {"scaled": 1}),
        ("above_scale", {"scaled": 1, "period": 2024}),
        ("equipment_invest", {"scaled": 1}),
        ("size", {"text": "small", "period": 2024}),
        ("revenue", {"text": "many", "period": 2024}),
        ("above_scale", {"scaled": 2}),
        ("tax_credit_grade", {"text": "E", "period": 2024}),
        ("lists", {"items": ["first_set", "nonsense"]}),
        ("region", {"text": "垫江"}),
        ("established_on", {"scaled": 0}),
        ("equipment_invest", {"not_applicable": True}),
        ("employees", {"scaled": -86, "period": 2024}),
        ("revenue", {"scaled": -1, "period": 2024}),
        ("encouraged_revenue_ratio", {"scaled": 1_000_001, "period": 2024}),
        ("encouraged_revenue_ratio", {"scaled": -1, "period": 2024}),
        ("land_mu", {"scaled": -1}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_value_fits_its_fact(enterprise, key, columns):
    refuses("enterprises_factvalue_fits", lambda: give_value(enterprise, key, **columns))


def test_the_bounds_themselves_and_a_loss_are_values(enterprise):
    give_value(enterprise, "encouraged_revenue_ratio", period=2024, scaled=1_000_000)
    give_value(enterprise, "employees", period=2024, scaled=0)
    give_value(enterprise, "net_profit", period=2024, scaled=-1)
    assert FactValue.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("enterprises_fact_range", {"key": "employees", "least": 5, "most": 4}),
        ("enterprises_fact_range_of_numbers", {"key": "above_scale", "least": 0}),
    ],
)
def test_a_range_is_one_and_of_numbers(name, change):
    key = change.pop("key")
    refuses(name, lambda: Fact.objects.filter(key=key).update(**change))


def test_not_applicable_and_the_empty_set_are_values(enterprise):
    give_value(enterprise, "revenue", period=2024, not_applicable=True)
    give_value(enterprise, "lists", items=[])
    give_value(enterprise, "ownership", withdrawn=True)
    assert FactValue.objects.count() == 3


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("enterprises_factvalue_period", {"period": 24}),
        ("enterprises_factvalue_tier", {"period": 2024, "tier": 4}),
        ("enterprises_factvalue_as_of", {"period": 2024, "as_of": dt.date(1900, 1, 1)}),
        ("enterprises_factvalue_self_not_official", {"period": 2024, "source_department": None}),
    ],
)
def test_value_columns(enterprise, name, columns):
    refuses(name, lambda: give_value(enterprise, "revenue", scaled=1, **columns))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("enterprises_fact_frozen", {"kind": "number"}),
        ("enterprises_fact_frozen", {"unit": "万元"}),
        ("enterprises_fact_frozen", {"scope": "claim", "periodic": False}),
        ("enterprises_fact_frozen", {"key": "turnover"}),
    ],
)
def test_a_fact_freezes_with_its_first_value(enterprise, name, change):
    facts = Fact.objects.filter(key="revenue")
    with transaction.atomic():
        facts.update(**change)
        transaction.set_rollback(True)
    give_value(enterprise, "revenue", period=2024, scaled=1)
    refuses(name, lambda: facts.update(**change))
    assert facts.update(label="营业总收入", help="说明") == 1


def test_choices_may_be_added_but_not_taken_away_once_there_are_values(enterprise):
    facts = Fact.objects.filter(key="tax_credit_grade")
    give_value(enterprise, "tax_credit_grade", period=2024, text="A")
    choices = facts.get().choices
    facts.update(choices=[*choices, {"value": "N", "label": "N 级"}])
    refuses("enterprises_fact_choices_kept", lambda: facts.update(choices=choices[1:]))


@pytest.mark.parametrize(
    "choices",
    [
        "a",
        {"value": "a"},
        ["a"],
        [{"value": "a"}],
        [{"value": "a", "label": "甲"}] * 2,
        [{"value": 1, "label": ""}],
    ],
)
def test_choices_that_are_none_are_told_in_the_form(choices):
    with pytest.raises(ValidationError, match="选项"):
        validate_choices(choices)


def test_code_lists_are_kept_canonical():
    listed = CodeList(key="x", label="x", hierarchy="industry", codes=["c36", "C"])
    listed.full_clean()
    assert listed.codes == ["36", "C"]
    listed.codes = ["C99"]
    with pytest.raises(ValidationError, match="C99"):
        listed.full_clean()


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("enterprises_fact_key", {"key": "Bad Key"}),
        ("enterprises_fact_kind", {"kind": "float"}),
        ("enterprises_fact_scope", {"scope": "other"}),
        ("enterprises_fact_scale", {"scale": 2}),
        ("enterprises_fact_scale", {"kind": "number", "scale": 7}),
        ("enterprises_fact_choices", {"kind": "choice"}),
        ("enterprises_fact_choices", {"choices": [{"value": "a", "label": "a"}]}),
        ("enterprises_fact_choices_shape", {"kind": "choice", "choices": [{"value": 1, "label": "a"}]}),
        ("enterprises_fact_choices_shape", {"kind": "choice", "choices": ["a"]}),
        ("enterprises_fact_choices_shape", {"kind": "choice", "choices": {"value": "a"}}),
        ("enterprises_fact_hierarchy", {"kind": "code"}),
        ("enterprises_fact_complete", {"complete": True}),
        ("enterprises_fact_claim", {"scope": "claim", "periodic": True}),
        ("enterprises_fact_supply", {"supply": 0}),
    ],
)
def test_fact_columns(name, fields):
    base = {"key": "new_fact", "label": "新指标", "kind": "integer", "dimension": "经营"}
    refuses(name, lambda: Fact.objects.create(**{**base, **fields}))


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("enterprises_credential_validity", {"valid_from": TODAY, "valid_to": TODAY - dt.timedelta(1)}),
        ("enterprises_credential_first", {"first_obtained": TODAY, "valid_from": TODAY - dt.timedelta(1)}),
        ("enterprises_credential_tier", {"tier": 0}),
        ("enterprises_credential_self_not_official", {"department": None}),
    ],
)
def test_credential_columns(enterprise, name, fields):
    base = {
        "enterprise": enterprise,
        "kind": CredentialKind.objects.get(key="high_tech"),
        "department": Department.objects.get(code="science"),
        "as_of": TODAY,
    }
    refuses(name, lambda: Credential.objects.create(**{**base, **fields}))


def test_one_membership_a_user_and_one_legal_representative(enterprise):
    first = MembershipFactory(enterprise=enterprise, role=MemberRole.LEGAL_REPRESENTATIVE)
    refuses(
        "enterprises_membership_once",
        lambda: Membership.objects.create(enterprise=enterprise, user=first.user, role="agent"),
    )
    refuses(
        "enterprises_membership_one_legal_representative",
        lambda: MembershipFactory(enterprise=enterprise, role=MemberRole.LEGAL_REPRESENTATIVE),
    )
    refuses("enterprises_membership_role", lambda: MembershipFactory(enterprise=enterprise, role="boss"))


def test_a_claim_starts_submitted_and_only_goes_along_its_edges(enterprise):
    claim = Claim.objects.create(enterprise=enterprise, user=UserFactory(), licence="licences/a.jpg")
    refuses(
        "enterprises_claim_one_open",
        lambda: Claim.objects.create(enterprise=enterprise, user=claim.user, licence="b.jpg"),
    )
    Claim.objects.filter(pk=claim.pk).update(state="rejected", decided_by=UserFactory())
    refuses("enterprises_claim_state", lambda: Claim.objects.filter(pk=claim.pk).update(state="approved"))
    refuses(
        "enterprises_claim_state",
        lambda: Claim.objects.create(
            enterprise=enterprise, user=claim.user, licence="b.jpg", state="approved"
        ),
    )


def test_an_import_starts_queued():
    refuses("enterprises_import_state", lambda: Import.objects.create(kind="facts", state="done"))


def test_regions_and_figures():
    refuses("enterprises_region_code", lambda: Region.objects.create(code="5", name="x"))
    figure = {"key": "lpr_9y", "label": "LPR", "kind": "percent", "on": TODAY, "unit": "%"}
    row = ReferenceFigure.objects.create(**figure, value="3.1")
    with connection.cursor() as cursor:
        refuses(
            "enterprises_referencefigure_number",
            lambda: cursor.execute(
                "INSERT INTO enterprises_referencefigure"
                ' (key, label, region, "on", kind, value, unit, source, withdrawn)'
                " SELECT key, label, region, \"on\", kind, 'NaN', unit, source, withdrawn"
                " FROM enterprises_referencefigure WHERE id = %s",
                [row.pk],
            ),
        )


@pytest.mark.parametrize(
    "table",
    [
        "enterprises_factvalue",
        "enterprises_credential",
        "enterprises_facthistory",
        "enterprises_referencefigure",
        "enterprises_codelist",
    ],
)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET id = id", "TRUNCATE {} CASCADE"])
def test_the_application_role_cannot_change_what_is_written(enterprise, table, statement):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE portal_app")
        with pytest.raises(DatabaseError, match="permission denied|must be owner"), transaction.atomic():
            cursor.execute(statement.format(table))
        cursor.execute("RESET ROLE")


def test_values_are_neither_changed_nor_deleted_in_code(enterprise):
    value = give_value(enterprise, "revenue", period=2024, scaled=1)
    value.scaled = 2
    for attempt in (value.save, value.delete, lambda: FactValue.objects.all().delete()):
        with pytest.raises(TypeError, match="append-only"):
            attempt()
    assert Tier(FactValue.objects.get().tier) is Tier.OFFICIAL
