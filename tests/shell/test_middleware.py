"""Who opens the address of a form is led to its page; programs are told 405 as before."""

import pytest
from django.test import Client

from tests.appeals.factories import file
from tests.enterprises.factories import MembershipFactory

pytestmark = pytest.mark.django_db


def test_the_address_of_a_form_leads_to_its_page(client: Client) -> None:
    membership = MembershipFactory()
    appeal = file(membership.enterprise)
    client.force_login(membership.user)
    page = f"/e/{membership.enterprise_id}/appeals/{appeal.number}/"
    answer = client.get(f"{page}chase/", headers={"accept": "text/html,*/*"})
    assert (answer.status_code, answer["Location"]) == (302, page)
    assert client.get(f"{page}chase/").status_code == 405
    assert client.delete(page, headers={"accept": "text/html"}).status_code == 405


@pytest.mark.parametrize(
    ("address", "status"),
    [("/api/nowhere/", 404), ("/api/policies/?q=%00", 400), ("/api/e/x/applications/", 404)],
)
def test_programs_are_refused_in_json(client, address, status):
    answer = client.get(address, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/json")
    assert answer.json()["detail"]


def test_people_are_refused_with_a_page(client):
    assert "text/html" in client.get("/policies/?topic=%00")["Content-Type"]
