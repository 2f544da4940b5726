"""Every address of the portal, asked for with what nobody should send.

Addresses come from the address map, and the names of parameters from the views themselves: what a page reads
of its query or form is noted and then filled with nonsense. A new page is covered by itself. The admin has
its own tests.
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest import mock
from urllib.parse import quote, unquote

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import Client, TestCase
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils import timezone

from enterprises.models import Membership
from enterprises.services import load_catalogue
from matching.claims import claim_facts
from matching.services import rule_tree
from policies.mine import ANSWER
from policies.models import ItemVersion, PolicyDocument
from portal.kernel.http import SIGN_IN
from tests.pages.world import World, make_world

NONSENSE: dict[str, str | bytes] = {
    "a word": "abc",
    "not a number": "NaN",
    "beyond a float": "1e400",
    "negative": "-1",
    "beyond a bigint": "9" * 31,
    "beyond int()": "9" * 5_000,
    "full width": "１２",
    "another script": "१२",
    "superscript": "²",
    "NUL": "\0",
    "half a character": b"\xed\xa0\x80",
    "emoji": "😀",
    "markup": "<script>alert(1)</script>",
    "quotes": "'\"\\%_;--",
    "no date": "2024-13-45",
    "blank": " \t\n",
    "long": "垫" * 3_000,
    "a list": "[]",
}
SPOILS = "NUL"
FORM = "application/x-www-form-urlencoded"
WRITE_ON_GET = {
    "/healthz": "asks outside a transaction, so that a dead database is an answer and not an error",
    "/desk/<int:department>/appeals/<slug:number>/dossier/": "keeps who opened it",
    "/code/<str:token>/": "keeps who scanned it",
    "/bank/<int:bank>/loans/<str:number>/facts/": "keeps what was read under a consent",
    "/bank/<int:bank>/whitelists/<int:pk>/entries/<int:entry>/why/": "keeps what was read under a consent",
    "/desk/<int:department>/finance/whitelists/<int:pk>/export/": "keeps who took the list away",
    "/bank/<int:bank>/whitelists/<int:pk>/export/": "keeps who took the list away",
    "/api/v1/bank/loans/<str:number>/facts/": "keeps what was read under a consent, and by which system",
    "/api/v1/bank/loans/<str:number>/score/": "the same",
}
SYSTEMS = "/api/"
"""Where programs come: a form is not read there at all, and banks' systems have no session."""
BUTTONS = {"notifications.MessageRead", "policies.Application", "kernel.NumberSeries"}
"""Written by forms that are a button alone, "mark all as read" and "apply": they say yes to anything."""
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of the portal and of its sign-in, as written in the map; the admin's are left out."""
    for entry in (resolver or get_resolver()).url_patterns:
        named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<str:\1>", str(entry.pattern))
        route = before + re.sub(r"[\^$?\\]", "", named)
        if isinstance(entry, URLPattern):
            yield "/" + route
        elif entry.namespace != "admin":
            yield from routes(entry, route)


PLACE = re.compile(r"<[^>]*>")
ROUTES = sorted(set(routes()))
OF_ENTERPRISE = [route for route in ROUTES if "<int:enterprise>" in route]


@contextmanager
def overheard() -> Iterator[set[str]]:
    """The names that anybody asks a query or form for."""
    names: set[str] = set()

    def listening(method: str) -> Any:
        plain = getattr(QueryDict, method)

        def listen(self: QueryDict, key: str, *args: Any, **kwargs: Any) -> Any:
            names.add(key)
            return plain(self, key, *args, **kwargs)

        return mock.patch.object(QueryDict, method, listen)

    with ExitStack() as stack:
        for method in ("__getitem__", "__contains__", "getlist"):
            stack.enter_context(listening(method))
        yield names


def mixed(names: set[str]) -> Iterator[tuple[str, str]]:
    """Queries in which, taken together, every name meets every nonsense; and what is in each.

    What spoils a whole request stands in one of its own: it would hide the others.
    """
    ordered = sorted(names)
    others = [(said, value) for said, value in NONSENSE.items() if said != SPOILS]
    for turn in range(len(others) if names else 0):
        given = [(name, others[(place + turn) % len(others)]) for place, name in enumerate(ordered)]
        query = "&".join(f"{quote(name)}={quote(value)}" for name, (_said, value) in given)
        yield query, ", ".join(f"{name}: {said}" for name, (said, _value) in given)
    if names:
        yield "&".join(f"{quote(name)}={quote(NONSENSE[SPOILS])}" for name in ordered), SPOILS


@contextmanager
def refused_shortly() -> Iterator[set[tuple[str, int]]]:
    """Draw the page of a refusal once for each route and status, and leave it empty after that.

    It is the same page each time, and half of what all this asking takes. Markup is not let off: whether it
    comes back is seen on the page. Gives what was drawn, which those who want it anew forget.
    """
    drawn: set[tuple[str, int]] = set()
    plain = URLResolver.resolve_error_handler

    def resolved(resolver: URLResolver, status: int) -> Any:
        draw = plain(resolver, status)

        def answer(request: HttpRequest, **given: Any) -> HttpResponse:
            page = request.resolver_match.route if request.resolver_match else "", int(status)
            if page in drawn:
                return HttpResponse(status=status)
            drawn.add(page)
            return draw(request, **given)

        return answer

    with mock.patch.object(URLResolver, "resolve_error_handler", resolved):
        yield drawn


def counted() -> dict[str, int]:
    """How many rows every table has, but for sessions."""
    tables = (model for model in apps.get_models() if model._meta.managed and not model._meta.proxy)
    return {table._meta.label: table._base_manager.count() for table in tables if table is not Session}


def taken(path: str) -> bool:
    """Whether any route takes this path."""
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def questions(version: ItemVersion) -> set[str]:
    """The facts of a claim that an item asks for."""
    catalogue = load_catalogue()
    return claim_facts(rule_tree(version.rule_version, catalogue), catalogue)


class BadRequests(TestCase):
    world: World
    good: dict[str, str]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world(("scale_up.yaml", "employment.yaml"))
        asking = max(ItemVersion.objects.all(), key=lambda version: len(questions(version)))
        cls.good = {
            "<int:enterprise>": str(cls.world.firm.pk),
            "<int:pk>": str(PolicyDocument.objects.first().pk),
            "<str:code>": asking.item.code,
            "<slug:key>": "total_assets",
            "<drf_format_suffix:format>": ".json",
            "<int:department>": str(asking.item.department_id),
            "<int:provider>": "1",
            "<int:bank>": "1",
            "<int:pairing>": "1",
            "<int:topic>": "1",
            "<int:run>": "1",
            "<int:payment>": "1",
            "<str:pk>": "1",
            "<str:number>": "SQ-2026-11-0001",
            "<slug:number>": "SQ-2026-11-0001",
        }

    def setUp(self) -> None:
        self.client.force_login(self.world.member)
        self.wrong: list[str] = []
        self.drawn = self.enterContext(refused_shortly())

    def signed_in(self, wanted: Iterable[str] = ROUTES) -> Iterator[tuple[str, str]]:
        """Each route with its address, the member signed in anew: a form may have signed them out."""
        for route in wanted:
            self.client.force_login(self.world.member)
            yield route, self.address(route)

    def address(self, route: str, **given: str) -> str:
        """The route with what is there in its places."""
        good = {**self.good, **given}
        return PLACE.sub(lambda place: good.get(place[0], "1" if "<int:" in place[0] else "abc"), route)

    def ask(self, method: str, address: str, said: str, **options: Any) -> HttpResponse | None:
        """Ask; an answer that is a server error or gives markup back is noted as wrong."""
        if "script" in f"{address}{options.get('data')}":
            self.drawn.clear()
        try:
            answer = getattr(self.client, method)(address, **options)
        except Exception as error:
            self.wrong.append(f"{method} {address[:80]} ({said}): {error!r}"[:400])
            return None
        if answer.status_code >= 500:
            self.wrong.append(f"{method} {address[:80]} ({said}): {answer.status_code}")
        if "script>alert(1)" in getattr(answer, "content", b"").decode():
            self.wrong.append(f"{method} {address[:80]} ({said}): markup comes back")
        return answer

    def test_the_map_is_seen(self) -> None:
        some = {
            "/",
            "/policies/",
            "/e/<int:enterprise>/facts/<slug:key>/",
            "/accounts/login/",
            "/api/policies/",
        }
        assert some <= set(ROUTES)

    # -- nonsense

    @pytest.mark.slow
    def test_no_query_breaks_a_page(self) -> None:
        for _route, address in self.signed_in():
            with overheard() as names:
                self.ask("get", address, "nothing")
            for query, said in mixed(names):
                self.ask("get", f"{address}?{query}", said)
        assert self.wrong == []

    def test_a_claims_questions_are_among_what_is_tried(self) -> None:
        with overheard() as names:
            self.ask("get", self.address("/e/<int:enterprise>/policies/<str:code>/"), "nothing")
        assert any(name.startswith(ANSWER) for name in names)

    @pytest.mark.slow
    def test_no_form_breaks_a_page_or_writes_a_row(self) -> None:
        forms = [route for route in ROUTES if not route.startswith("/accounts/")]
        before = counted()
        for _route, address in self.signed_in(forms):
            with overheard() as names:
                self.ask("post", address, "nothing", data={"nothing": "1"})
            for form, said in mixed(names - {"csrfmiddlewaretoken"}):
                self.ask("post", address, said, data=form, content_type=FORM)
        assert self.wrong == []
        written = {label for label, now in counted().items() if before[label] != now}
        assert written <= BUTTONS

    @pytest.mark.slow
    def test_no_path_breaks_the_portal(self) -> None:
        """What no route takes meets the same page each time, so each nonsense meets it at one address."""
        nowhere: set[str] = set()
        for route in ROUTES:
            for place in PLACE.findall(route):
                for said, value in NONSENSE.items():
                    address = self.address(route, **{place: quote(value, safe="")})
                    if not taken(unquote(address, errors="replace")):
                        if said in nowhere:
                            continue
                        nowhere.add(said)
                    for method in ("get", "post"):
                        self.ask(method, address, said)
        assert nowhere == set(NONSENSE)
        assert self.wrong == []

    def test_no_method_breaks_a_page(self) -> None:
        """`get` is what `test_no_query_breaks_a_page` begins with."""
        for _route, address in self.signed_in():
            for method in METHODS[1:]:
                self.ask(method, address, "nothing")
        assert self.wrong == []

    def test_bodies_that_are_no_form(self) -> None:
        bodies = {
            "application/json": b'{"value": NaN}',
            "multipart/form-data; boundary=x": b"--x\r\nContent-Disposition: form-data",
            "multipart/form-data": b"no boundary",
            "application/x-www-form-urlencoded; charset=utf-7": b"value=1",
            "text/xml": b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
        }
        for _route, address in self.signed_in():
            for kind, body in bodies.items():
                self.ask("post", address, kind, data=body, content_type=kind)
        assert self.wrong == []

    def test_a_nul_in_an_address_is_a_bad_request_in_plain_words(self) -> None:
        for address in ("/policies/?topic=%00", "/policies/%00/", "/static/%00"):
            self.drawn.clear()
            answer = self.client.get(address)
            self.assertContains(answer, "这个请求没看懂", status_code=400)

    # -- doors

    def test_pages_of_an_enterprise_are_not_there_for_others(self) -> None:
        """Whatever the method and the form; strangers are sent to sign in, and nobody writes."""
        before = counted()
        for route in OF_ENTERPRISE:
            address = self.address(route, **{"<int:enterprise>": str(self.world.other_firm.pk)})
            for method in METHODS:
                with self.subTest(f"{method} {route}"):
                    assert getattr(Client(), method)(address).url.startswith("/accounts/login/?next=")
                    answer = self.ask(
                        method, address, "not mine", data={"value": "1", "all": "1", "invite": "1"}
                    )
                    assert answer.status_code in (404, 405)
        assert self.wrong == []
        assert counted() == before

    def test_a_membership_that_ended_opens_nothing(self) -> None:
        yesterday = timezone.localdate() - dt.timedelta(days=1)
        Membership.objects.filter(user=self.world.member).update(until=yesterday)
        for route in OF_ENTERPRISE:
            for method in ("get", "post"):
                answer = self.ask(method, self.address(route), "ended")
                assert answer.status_code in (404, 405), (method, route)
        self.assertNotContains(self.client.get("/e/"), self.world.firm.name)
        self.assertNotContains(self.client.get("/"), self.world.firm.name)

    def test_a_person_who_was_locked_out_is_signed_out(self) -> None:
        type(self.world.member).objects.filter(pk=self.world.member.pk).update(is_active=False)
        answer = self.client.get(self.address("/e/<int:enterprise>/"))
        assert answer.url.startswith("/accounts/login/?next=")

    def test_no_form_is_taken_without_its_token(self) -> None:
        careful = Client(enforce_csrf_checks=True)
        careful.force_login(self.world.member)
        firm = {"<str:enterprise>": str(self.world.firm.pk)}
        for route in ROUTES:
            with self.subTest(route):
                answer = careful.post(self.address(route, **firm), {"value": "1"})
                refused = (401, 403, 415) if route.startswith(SYSTEMS) else (403,)
                assert answer.status_code in refused

    def test_reading_writes_nothing(self) -> None:
        """The database refuses it on every page but those of the sign-in package and `WRITE_ON_GET`."""
        before, firm = counted(), {"<str:enterprise>": str(self.world.firm.pk)}
        for route in ROUTES:
            address = self.address(route, **firm)
            view = resolve(address).func
            if view.__module__.startswith(SIGN_IN):
                continue
            assert getattr(view, "writes_on_get", False) is (route in WRITE_ON_GET), route
            self.ask("get", address, "reading")
        assert self.wrong == []
        assert counted() == before
