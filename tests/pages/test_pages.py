"""Pages answer, keep strangers out, ask the database little, and do what their forms say.

One county serves all tests of the class: making it takes seconds.
"""

from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client, TestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enterprises.models import FactValue, Invitation, Membership
from policies.models import ItemVersion, PolicyDocument
from portal.notifications.models import MessageRead
from tests.accounts.factories import UserFactory
from tests.pages.world import World, make_world

MOST_QUERIES = 12
BOOK = 2
"""Statements that read the book: in a test, whose transaction has written, it is read at every page."""
HOME = MOST_QUERIES + BOOK + 4
"""An enterprise's home asks each domain what waits for it, money and lists too."""
PUBLIC = [
    "/",
    "/policies/",
    "/finance/",
    "/finance/compare/",
    "/finance/banks/",
    "/help/",
    "/search/?q=研发",
    "/policies/?q=奖励&mode=enjoy&order=deadline",
]
OWN = [
    "",
    "appeals/",
    "appeals/new/",
    "policies/",
    "policies/?tab=needs",
    "policies/?tab=near",
    "finance/",
    "finance/score/",
    "facts/",
    "messages/",
    "members/",
    "consents/",
]
PERSONAL = ["/e/", "/claim/", "/messages/"]
NUMERIC = ("money", "integer", "percent", "number")


class PageTests(TestCase):
    """Everything that needs the county."""

    world: World
    item: str

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = make_world(("quality_smes.yaml", "scale_up.yaml"))
        cls.item = ItemVersion.objects.filter(item__code__startswith="SG").first().item.code

    def setUp(self) -> None:
        self.anonymous = Client()
        self.client.force_login(self.world.member)
        self.own = f"/e/{self.world.firm.pk}/"
        self.others = f"/e/{self.world.other_firm.pk}/"

    def assert_cheap(self, client: Client, address: str, most: int = MOST_QUERIES) -> None:
        """The page answers in few statements, beside those that open and close the transaction."""
        client.get(address)  # what a process keeps is read the first time
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address)
        assert answer.status_code == 200, address
        asked = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "SET "))]
        assert len(asked) <= most, (address, [sql[:150] for sql in asked])

    def item_pages(self) -> Any:
        """Every item's page before the firm, answered."""
        for version in ItemVersion.objects.for_lists():
            address = reverse("enterprise_policy", args=[self.world.firm.pk, version.item.code])
            yield address, self.client.get(address)

    def test_an_alternative_that_was_not_needed_does_not_frighten(self) -> None:
        seen = 0
        for address, answer in self.item_pages():
            if not answer.context or "explanation" not in answer.context:
                continue
            leaves = answer.context["explanation"].leaves
            red = [row for row in leaves if row.truth == "false" and not row.spare]
            self.assertContains(answer, 'class="leaf n"', count=len(red), msg_prefix=address)
            self.assertContains(answer, 'class="leaf o"', count=sum(row.spare for row in leaves))
            seen += sum(row.spare for row in leaves)
        assert seen

    # -- open, closed, cheap

    def test_public_pages_are_open_and_cheap(self) -> None:
        document = PolicyDocument.objects.first().pk
        for address in (*PUBLIC, f"/policies/{self.item}/", f"/documents/{document}/"):
            with self.subTest(address):
                self.assert_cheap(self.anonymous, address)

    def test_personal_pages_want_a_sign_in(self) -> None:
        for address in (*PERSONAL, self.own):
            with self.subTest(address):
                assert "/accounts/login/" in self.anonymous.get(address)["Location"]

    def test_personal_pages_are_cheap(self) -> None:
        for address in (*PERSONAL, *(self.own + part for part in OWN)):
            with self.subTest(address):
                self.assert_cheap(self.client, address, HOME if address == self.own else MOST_QUERIES)
        self.assert_cheap(self.client, f"{self.own}policies/{self.item}/", MOST_QUERIES + BOOK + 1)

    def test_another_firm_is_not_found(self) -> None:
        for part in (*OWN, "facts/revenue/", f"policies/{self.item}/"):
            with self.subTest(part):
                assert self.client.get(self.others + part).status_code == 404

    def test_another_firms_forms_are_not_found(self) -> None:
        parts = (f"policies/{self.item}/facts/debt_total/", "messages/", "members/", "facts/revenue/")
        for part in parts:
            with self.subTest(part):
                answer = self.client.post(self.others + part, {"value": "1", "all": "1"})
                assert answer.status_code == 404

    def test_a_lost_session_sends_htmx_to_the_sign_in_page(self) -> None:
        answer = self.anonymous.get(f"{self.own}policies/", headers={"HX-Request": "true"})
        assert answer.status_code == 200
        assert "/accounts/login/" in answer["HX-Redirect"]

    def test_people_start_where_their_work_is(self) -> None:
        assert self.client.get("/start/")["Location"] == self.own
        Membership.objects.create(enterprise=self.world.other_firm, user=self.world.member, role="agent")
        assert self.client.get("/start/")["Location"] == "/e/"
        self.client.force_login(UserFactory())
        assert self.client.get("/start/")["Location"] == "/"
        self.client.force_login(UserFactory(is_staff=True))
        assert self.client.get("/start/")["Location"].startswith(("/admin/", "/accounts/"))

    # -- supplying a missing fact

    def need(self) -> tuple[str, str, Any]:
        """An item's page, where to post, and a need that the firm may answer."""
        for page, answer in self.item_pages():
            for need in (*answer.context["explanation"].needs, *answer.context["fact_needs"]):
                if need.here and not need.question and need.input in NUMERIC:
                    return page, f"{page}facts/{need.fact}/", need
        raise AssertionError("no item asks the firm for anything")

    def test_a_supplied_fact_is_recorded_as_declared_and_changes_the_page(self) -> None:
        page, address, need = self.need()
        before = FactValue.objects.count()
        answer = self.client.post(address, {"value": "12", "period": need.period or ""}, follow=True)
        assert answer.redirect_chain[-1][0] == page
        self.assertContains(answer, "已记下")
        assert FactValue.objects.count() == before + 1
        newest = FactValue.objects.latest("pk")
        assert (newest.fact.key, newest.recorded_by) == (need.fact, self.world.member)
        assert newest.source_department is None
        missing = {(one.fact, one.period) for one in answer.context["explanation"].needs}
        assert (need.fact, need.period) not in missing

    def test_nonsense_is_refused_beside_the_field(self) -> None:
        _page, address, need = self.need()
        before = FactValue.objects.count()
        for value in ("", "许多", "1e400", "NaN"):
            with self.subTest(value):
                answer = self.client.post(address, {"value": value, "period": need.period or ""})
                self.assertContains(answer, 'role="alert"', status_code=422)
        assert FactValue.objects.count() == before

    def test_a_figure_that_cannot_be_is_refused_wherever_it_is_given(self) -> None:
        address, before = f"{self.own}facts/encouraged_revenue_ratio/", FactValue.objects.count()
        self.assertContains(self.client.get(address), "应在 0% 到 100% 之间")
        for value in ("120", "-3"):
            answer = self.client.post(address, {"value": value, "period": "2024"})
            self.assertContains(answer, "应在 0% 到 100% 之间，请核对", status_code=422)
        _page, address, need = self.need()
        answer = self.client.post(address, {"value": "-5", "period": need.period or ""})
        self.assertContains(answer, "不能小于 0", status_code=422)
        assert FactValue.objects.count() == before
        page, question = self.question()
        answer = self.client.get(page, {question["name"]: "-500"})
        self.assertContains(answer, f"“{question['spec'].label}”不能小于 0")
        assert not answer.context["answered"]

    def test_what_a_firm_said_can_be_changed_and_leads_back_to_its_row(self) -> None:
        address = f"{self.own}facts/market_share/"
        answer = self.client.post(address, {"value": "15"}, follow=True)
        assert answer.redirect_chain[-1][0] == f"{self.own}facts/?page=1#market_share"
        self.assertContains(answer, 'id="market_share"')
        self.assertContains(answer, f'href="{address}">修改')
        self.assertContains(self.client.get(address), 'value="15"')
        year = timezone.localdate().year - 1
        answer = self.client.post(
            f"{self.own}facts/employees/", {"value": "7", "period": str(year - 1)}, follow=True
        )
        assert answer.redirect_chain[-1][0].endswith(f"#employees-{year - 1}")
        self.assertContains(answer, f'id="employees-{year - 1}"', 1)
        self.assertContains(answer, f'facts/employees/?period={year}">补报')
        self.assertContains(self.client.get(f"{self.own}facts/employees/?period={year}"), "的数据是 412 人")

    def test_a_computed_fact_is_no_departments(self) -> None:
        rows = {row.key: row for row in self.client.get(f"{self.own}facts/").context["page"]}
        assert (rows["revenue_growth"].source, rows["revenue_growth"].tier) == (
            "由营业收入算出",
            "系统计算",
        )
        assert rows["rd_ratio"].source == "由研发费用、营业收入算出"

    def test_what_was_supplied_on_an_items_page_can_be_changed_there(self) -> None:
        page, address, need = self.need()
        self.client.post(address, {"value": "12", "period": need.period or ""})
        answer = self.client.get(page)
        self.assertContains(answer, f'action="{address}"')
        assert need.fact in {one.fact for one in answer.context["explanation"].said}
        self.assertContains(answer, f"修改“{need.label}”")

    def test_a_departments_fact_cannot_be_declared(self) -> None:
        address = f"{self.own}policies/{self.item}/facts/region/"
        assert self.client.post(address, {"value": "500231"}).status_code == 422
        assert self.client.post(f"{self.own}facts/region/", {"value": "5"}).status_code == 422

    # -- trying out a claim's answers

    def question(self) -> tuple[str, dict[str, Any]]:
        for page, answer in self.item_pages():
            for question in answer.context["questions"]:
                if question["spec"].kind in NUMERIC:
                    return page, question
        raise AssertionError("no item asks a question")

    def test_an_answer_is_used_and_not_stored(self) -> None:
        page, question = self.question()
        before = FactValue.objects.count()
        answer = self.client.get(page, {question["name"]: "3"})
        missing = {need.fact for need in answer.context["explanation"].amount_needs}
        assert question["spec"].key not in missing
        assert answer.context["answered"]
        assert FactValue.objects.count() == before

    def test_an_answer_that_is_none_is_said_so_and_not_used(self) -> None:
        page, question = self.question()
        answer = self.client.get(page, {question["name"]: "很多"})
        self.assertContains(answer, 'role="alert"')
        assert not answer.context["answered"]

    # -- messages

    def test_reading_is_per_user(self) -> None:
        colleague = UserFactory()
        Membership.objects.create(enterprise=self.world.firm, user=colleague, role="agent")
        self.client.post(f"{self.own}messages/", {"all": "1"})
        assert self.client.get(f"{self.own}messages/").context["unread"] == 0
        self.client.force_login(colleague)
        assert self.client.get(f"{self.own}messages/").context["unread"] == 3

    def test_opening_marks_as_read_and_leads_to_the_page(self) -> None:
        message = self.world.firm.mailbox.messages.first()
        answer = self.client.post(f"{self.own}messages/", {"message": message.pk, "open": "1"})
        assert answer["Location"] == message.url
        assert MessageRead.objects.filter(message=message, user=self.world.member).exists()

    def test_a_message_of_another_mailbox_is_not_found(self) -> None:
        message = self.world.firm.mailbox.messages.first()
        for key in (message.pk, "x", ""):
            with self.subTest(key):
                assert self.client.post("/messages/", {"message": key}).status_code == 404

    def test_unread_only(self) -> None:
        self.client.post(f"{self.own}messages/", {"message": self.world.firm.mailbox.messages.first().pk})
        assert len(self.client.get(f"{self.own}messages/", {"show": "unread"}).context["page"]) == 2

    # -- members

    def invite(self) -> str:
        answer = self.client.post(
            f"{self.own}members/", {"invitee": "13900000000", "role": "agent", "invite": "1"}
        )
        return answer.context["link"]

    def test_a_manager_invites_and_the_link_works_once(self) -> None:
        link = self.invite()
        for members in (2, 2):
            self.client.force_login(UserFactory())
            self.client.post(link)
            assert self.world.firm.memberships.count() == members

    def test_reading_the_link_does_not_join(self) -> None:
        link = self.invite()
        self.client.force_login(UserFactory())
        assert self.client.get(link).status_code == 200
        assert self.world.firm.memberships.count() == 1

    def test_an_agent_cannot_invite(self) -> None:
        self.client.force_login(self.world.stranger)
        self.client.post(f"{self.others}members/", {"invitee": "13900000000", "role": "agent", "invite": "1"})
        assert not Invitation.objects.exists()

    def test_an_invitation_can_be_taken_back(self) -> None:
        self.invite()
        self.client.post(f"{self.own}members/", {"revoke": Invitation.objects.get().pk})
        assert Invitation.objects.get().revoked_at is not None

    # -- browsing

    def found(self, **query: str) -> HttpResponse:
        return self.anonymous.get("/policies/", query)

    def test_facets_narrow_and_can_be_dropped(self) -> None:
        everything = self.found().context["page"].paginator.count
        answer = self.found(mode="enjoy")
        assert 0 < answer.context["page"].paginator.count < everything
        assert [chip["label"] for chip in answer.context["chips"]] == ["免申即享"]

    def test_traditional_words_find_the_same(self) -> None:
        simple, traditional = (self.found(q=q).context["page"].paginator.count for q in ("奖励", "獎勵"))
        assert simple == traditional
        assert simple > 0

    def test_words_mean_relevance_unless_the_reader_chose_an_order(self) -> None:
        self.assertContains(self.found(), '<option value="" selected>最新发布</option>')
        for order, chosen in (("", '"" selected>最相关'), ("date", '"date" selected>最新发布')):
            self.assertContains(self.found(q="奖励", order=order), f"<option value={chosen}</option>")

    def test_odd_addresses_get_a_page(self) -> None:
        odd = ("page=999", "page=x", "order=nonsense", "mode=nonsense", "q='%5C%25", "open_now=x")
        for query in odd:
            with self.subTest(query):
                assert self.anonymous.get(f"/policies/?{query}").status_code == 200

    def test_an_empty_list_says_what_to_do(self) -> None:
        self.assertContains(self.found(q="鎏金孔雀翎"), "看全部政策")

    def test_what_does_not_exist_is_not_found_in_plain_words(self) -> None:
        answer = self.anonymous.get("/policies/NO-SUCH/")
        self.assertContains(answer, "没有找到这个页面", status_code=404)


class FrameTests(TestCase):
    """What needs no county."""

    def test_no_inline_script_is_allowed_outside_the_admin(self) -> None:
        policy = self.client.get("/")["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy

    def test_health(self) -> None:
        assert self.client.get("/healthz").json() == {"status": "ok"}

    def test_the_theme_is_kept_and_shown(self) -> None:
        answer = self.client.post("/theme/", {"theme": "dark", "next": "/help/"})
        assert answer["Location"] == "/help/"
        self.assertContains(self.client.get("/help/"), 'dark.css" media="all"')

    def test_the_theme_can_follow_the_system_again(self) -> None:
        self.client.cookies["theme"] = "dark"
        self.client.post("/theme/", {"theme": "auto", "next": "/"})
        self.assertContains(self.client.get("/help/"), "prefers-color-scheme")

    def test_the_theme_leads_nowhere_else(self) -> None:
        for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
            with self.subTest(elsewhere):
                answer = self.client.post("/theme/", {"theme": "dark", "next": elsewhere})
                assert answer["Location"] == "/"

    def test_the_language_can_be_changed_without_signing_in(self) -> None:
        answer = self.client.post("/language/", {"language": "en", "next": "/help/"})
        assert answer["Location"] == "/help/"

    @override_settings(DEBUG=False)
    def test_an_unknown_address_is_told_plainly(self) -> None:
        self.assertContains(self.client.get("/nothing/"), "没有找到这个页面", status_code=404)
