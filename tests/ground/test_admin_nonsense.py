"""Every address of the admin, asked for by somebody who may do everything with what nobody should send.

A new admin page is covered by itself: addresses come from the address map, parameters of queries from what
the page reads, fields of forms from the form that it shows. No answer is a server error. Each address meets
some of the nonsense, all of them together meet all of it.
"""

import logging
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from portal.accounts.models import User
from tests.shell.test_bad_requests import FORM, NONSENSE, PLACE, mixed, overheard, routes

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PREFIX = "/admin/"
RESOLVER = next(one for one in get_resolver().url_patterns if getattr(one, "namespace", None) == "admin")
ROUTES = sorted(set(routes(RESOLVER, PREFIX[1:])) - {"/admin/logout/"})
LOOKUPS = ("exact", "in", "isnull", "gte")
OF_SETS = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")


class Sweep:
    """Asks as one user; what answers with a server error is noted in `wrong`, nothing is kept."""

    def __init__(self, client: Client, user: User) -> None:
        self.client, self.user = client, user
        self.wrong: list[str] = []
        client.force_login(user)

    def ask(self, method: str, address: str, said: str, **options: Any) -> Any:
        answer = None
        with transaction.atomic():
            try:
                answer = getattr(self.client, method)(address, **options)
                if answer.streaming:
                    b"".join(answer)  # a file that is read to its end is closed
                if answer.status_code >= 500:
                    self.wrong.append(f"{method} {address[:80]} ({said}): {answer.status_code}")
            except Exception as error:
                self.wrong.append(f"{method} {address[:80]} ({said}): {error!r}"[:220])
            transaction.set_rollback(True)
        return answer

    def post(self, address: str, said: str, fields: dict[str, str | bytes | list[str]]) -> None:
        pairs = [
            f"{quote(name)}={quote(one)}"
            for name, value in fields.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        self.ask("post", address, said, data="&".join(pairs), content_type=FORM)


@pytest.fixture
def sweep(client: Client, superuser: User, rows: None) -> Iterator[Sweep]:
    """A sweep over an admin that has a row of everything; at its end nothing may have been wrong."""
    asked = Sweep(client, superuser)
    logging.disable()  # each refusal is logged, with the nonsense
    yield asked
    logging.disable(logging.NOTSET)
    assert not asked.wrong, "\n".join(asked.wrong)


def addresses(sweep: Sweep) -> list[str]:
    """Every route, with the newest row of its model where a row is asked for."""
    request = sweep.client.get(PREFIX).wsgi_request
    newest = {}
    for desk in admin.site._registry.values():
        row = desk.get_queryset(request).order_by("-pk").first()
        newest[list_of(desk)] = row and str(row.pk)
    found = []
    for route in ROUTES:
        pk = newest.get("/".join(route.split("/")[:4]) + "/") or "abc"
        found.append(PLACE.sub(pk, route.replace("<str:app_label>", "policies")))
    return found


def shown_fields(answer: Any) -> dict[str, Any]:
    """The fields that a form page shows, its sets of rows too, with what stands in them."""
    context = getattr(answer, "context", None) or {}
    forms = [context["adminform"].form] if "adminform" in context else []
    forms += [context["form"]] if hasattr(context.get("form"), "fields") else []
    for inline in context.get("inline_admin_formsets", ()):
        forms += [inline.formset.management_form, *inline.formset.forms]
    fields = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if isinstance(value, list | tuple):
                fields[bound.html_name] = [str(getattr(one, "pk", one)) for one in value]
            else:
                fields[bound.html_name] = "" if value is None else str(value)
    return fields


def test_the_map_is_seen() -> None:
    some = {"/admin/", "/admin/policies/itemversion/add/", "/admin/policies/push/<int:pk>/progress/"}
    assert some <= set(ROUTES)


BROKE = [
    ("accounts/department", "parent", "垫"),
    ("enterprises/fact", "ordered", "on"),
    ("django_celery_beat/crontabschedule", "minute", "-1"),
    ("kernel/announcedyear", "year", "9" * 31),
    ("policies/itemversion", "department", "垫"),
]


def test_nonsense_breaks_no_page(sweep: Sweep) -> None:
    """One sweep over one world: what broke once, ids, queries of lists and pages, forms."""
    found = addresses(sweep)
    for page, field, value in BROKE:
        for address in (address for address in found if address.startswith(f"{PREFIX}{page}/")):
            fields = shown_fields(sweep.ask("get", address, "nothing"))
            if field in fields:
                sweep.post(address, f"{field}: {value}", {**fields, field: value})
    ids(sweep)
    lists(sweep)
    forms(sweep, found)


@pytest.mark.parametrize(("minute", "status"), [("-1", 200), ("60", 200), ("1", 302)])
def test_times_that_are_none_are_an_error_of_the_form(
    client: Client, superuser: User, minute: str, status: int
) -> None:
    address = f"{PREFIX}django_celery_beat/crontabschedule/add/"
    fields = shown_fields(client.get(address)) | {"minute": minute, "timezone": "Asia/Shanghai"}
    answer = client.post(address, fields)
    assert answer.status_code == status
    assert status == 302 or "minute" in answer.context["adminform"].form.errors


def ids(sweep: Sweep) -> None:
    """One for each address with an id, in turn."""
    for place, route in enumerate(route for route in ROUTES if PLACE.search(route)):
        said, value = nonsense(place)
        sweep.ask("post" if place % 4 == 0 else "get", PLACE.sub(quote(value, safe=""), route), said)


def lists(sweep: Sweep) -> None:
    """All that a list reads and filters by at once, each with some nonsense."""
    for number, desk in enumerate(admin.site._registry.values()):
        address = list_of(desk)
        with overheard() as names:
            sweep.ask("get", address, "nothing")
        columns = {re.split(r"[ ,(]", str(one))[0] for one in desk.list_filter}
        names |= columns | {f"{name}__{lookup}" for name in columns for lookup in LOOKUPS}
        query, said = next(islice(mixed(names | {"nobody_reads_this"}), number % len(NONSENSE), None))
        sweep.ask("get", f"{address}?{query}", said)
        if columns:
            name, (said, value) = min(columns), nonsense(number)
            sweep.ask("get", f"{address}?{quote(name)}={quote(value)}", f"{name}: {said}")


def forms(sweep: Sweep, found: list[str]) -> None:
    """All fields of a form at once wrong; or one alone in a form that is else as it was shown, in turn."""
    turn, known = 0, {list_of(desk) for desk in admin.site._registry.values()}
    for address in found:
        if address in known or address.endswith(("/history/", "/delete/")):
            continue  # no fields
        fields = shown_fields(sweep.ask("get", f"{address}?_popup=1&_to_field=垫", "a query"))
        names = [name for name in sorted(fields) if not name.endswith(OF_SETS)]
        if not names:
            continue
        turn += 1
        if turn % 2:
            query, said = next(islice(mixed(set(names)), turn % len(NONSENSE), None))
            sweep.ask("post", address, said, data=query, content_type=FORM)
        else:
            name, (said, value) = names[turn % len(names)], nonsense(turn)
            sweep.post(address, f"{name}: {said}", {**fields, name: value})


def nonsense(number: int) -> tuple[str, str | bytes]:
    """One of it, in turn."""
    return list(NONSENSE.items())[number % len(NONSENSE)]


def list_of(desk: admin.ModelAdmin) -> str:
    """The address of a model's list."""
    return f"{PREFIX}{desk.opts.app_label}/{desk.opts.model_name}/"
