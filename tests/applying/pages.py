"""What tests of the enterprise's pages share."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from psycopg2.extras import DateRange

from policies import services
from policies.drafting import content_of
from policies.models import Application, ItemVersion
from tests.policies import factories as policies


def login(client: Client, application: Application) -> None:
    """As the first of the application's enterprise."""
    client.force_login(application.enterprise.memberships.order_by("pk")[0].user)


def form_of(application: Application, **fields: Any) -> dict[str, Any]:
    """What a form of the application posts, as it was opened now."""
    return {"revision": application.revision, **fields}


def text(answer: HttpResponse) -> str:
    return answer.content.decode()


def succeed(version: ItemVersion) -> ItemVersion:
    """The next version of the item, in force from today on, with the same words."""
    content = content_of(version)
    content.rule["valid"] = DateRange(timezone.localdate(), None)
    author = policies.editor()
    after = services.start_version(version.item, content, by=author)
    services.submit(after, by=author)
    services.publish(after, by=policies.publisher())
    return after
