"""Officials at the review desk, signed in as it wants them, and cases that it can propose together."""

from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from policies.models import Application, ItemVersion
from policies.reviewing import intake
from portal.accounts.models import User
from portal.accounts.second_factor import enable_totp, has_second_factor
from tests.applying import factories as make
from tests.enterprises.factories import give_value
from tests.policies.factories import economy

PLAIN = {
    "rule_conditions": {"all": [make.CONDITIONS["all"][0], make.CONDITIONS["all"][2]]},
    "rule_amount": {"fixed": "10", "unit": "万元"},
    "rule_examples": [{key: one[key] for key in one if key != "claims"} for one in make.EXAMPLES],
}
"""Ten 万元 for whom official data alone shows to be of the county and to employ ten."""


def last_year() -> int:
    """The year that the condition asks about."""
    return timezone.localdate().year - 1


def plain(version: ItemVersion, by: User, employees: int = 20) -> Application:
    """An application under review of which the departments know everything."""
    actor = make.applicant()
    today = timezone.localdate()
    give_value(actor.enterprise, "employees", period=last_year(), scaled=employees, as_of=today)
    application = make.sent(version, actor)
    intake.accept(application, by=by, at=timezone.now())
    return application


def signed_in(user: User) -> Client:
    """A browser of the official's."""
    cache.clear()
    if not has_second_factor(user):
        enable_totp(user)
    client = Client()
    client.force_login(user)
    return client


def queue(client, department=None, **query):
    return client.get(reverse("desk_applications", args=[(department or economy()).pk]), query)


def shown(client, basket, department=None, **query):
    answer = queue(client, department, basket=basket, **query)
    assert answer.status_code == 200
    return [row.application.pk for row in answer.context["slice"].rows]


def both(client, basket, department=None):
    """What is listed; the count must say the same."""
    found = shown(client, basket, department)
    groups = queue(client, department).context["groups"]
    count = next(number for group in groups for one, number, _words in group if one.key == basket)
    assert count == len(found)
    return found
