"""The read-only API: what is in force, for who signed in, few queries, a valid schema."""

import pytest
from django.urls import reverse
from drf_spectacular.validation import validate_schema
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient

from policies.exchange.exporting import export_item
from policies.models import ItemVersion
from policies.search.index import index_many
from tests.accounts.factories import UserFactory
from tests.policies import factories as make

pytestmark = pytest.mark.django_db
LIST = "/api/policies/"


@pytest.fixture
def api():
    client = APIClient()
    client.force_authenticate(UserFactory())
    return client


@pytest.mark.parametrize("address", [LIST, "/api/schema/"])
def test_strangers_are_refused(address):
    assert APIClient().get(address).status_code in (401, 403)


def test_a_token_opens_it():
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {Token.objects.create(user=UserFactory()).key}")
    assert client.get(LIST).status_code == 200


def test_the_list_holds_what_is_in_force(api):
    shown = make.published(title="稳岗补助")
    make.draft()
    index_many(ItemVersion.objects.all())
    rows = api.get(LIST).json()["results"]
    assert [row["code"] for row in rows] == [shown.item.code]
    assert rows[0]["department"] == "economy"
    assert rows[0]["amount_max_fen"] == 10_000_000
    assert api.get(LIST, {"q": "稳岗", "level": "county"}).json()["count"] == 1
    assert api.get(LIST, {"level": "national"}).json()["count"] == 0


def test_a_detail_is_the_exchange_format(api):
    version = make.published()
    found = api.get(f"{LIST}{version.item.code}/").json()
    assert found["exchange"] == export_item(version)
    assert api.get(f"{LIST}NONE/").status_code == 404
    assert api.get(f"{LIST}{make.draft().item.code}/").status_code == 404


def test_nothing_is_written(api):
    assert api.post(LIST, {}).status_code == 405
    assert api.delete(f"{LIST}X/").status_code == 405


def test_few_queries(api, django_assert_max_num_queries):
    for _number in range(5):
        make.published()
    with django_assert_max_num_queries(7):
        assert api.get(LIST).json()["count"] == 5


def test_the_schema_is_valid(api):
    response = api.get(reverse("api_schema"), HTTP_ACCEPT="application/vnd.oai.openapi+json")
    schema = response.json()
    validate_schema(schema)
    assert LIST in schema["paths"]
