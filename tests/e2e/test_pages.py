"""The pages in a real Chromium: looked at on a phone and on a desk, by day and by night, and walked."""

import pytest
from playwright.sync_api import Page, expect

from policies.models import ItemVersion, PolicyDocument
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.pages.world import World, make_world

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world(("quality_smes.yaml",))


@WIDE
def test_every_page_is_clean(page: Page, look_twice: Look, world: World) -> None:
    """axe-core finds nothing, nothing sticks out sideways, and each is photographed into var/shots."""
    code = ItemVersion.objects.filter(state="published").earliest("pk").item.code
    for name, address in {
        "home": "/",
        "policies": "/policies/",
        "policies-none": "/policies/?q=鎏金孔雀翎",
        "item": f"/policies/{code}/",
        "document": f"/documents/{PolicyDocument.objects.earliest('pk').pk}/",
        "search": "/search/?q=专精特新",
        "help": "/help/",
        "sign-in": "/accounts/login/",
        "sign-up": "/accounts/signup/",
        "not-found": "/nothing-here/",
    }.items():
        look_twice(name, address)
    sign_in(page, world.member)
    own = f"/e/{world.firm.pk}"
    for name, address in {
        "enterprise": f"{own}/",
        "mine": f"{own}/policies/",
        "mine-near": f"{own}/policies/?tab=near",
        "mine-item": f"{own}/policies/{code}/",
        "facts": f"{own}/facts/",
        "fact": f"{own}/facts/revenue/",
        "messages": f"{own}/messages/",
        "members": f"{own}/members/",
        "consents": f"{own}/consents/",
        "code": f"{own}/code/",
        "enterprises": "/e/",
        "claim": "/claim/",
        "my-messages": "/messages/",
        "security": "/accounts/2fa/",
    }.items():
        look_twice(name, address)


@pytest.mark.parametrize("screen", [360], indirect=True)
def test_an_amount_keeps_its_steps_on_a_phone(page: Page, world: World) -> None:
    """Parts stand further in than what they are parts of, and there is one total."""
    sign_in(page, world.member)
    for version in ItemVersion.objects.filter(state="published").select_related("item"):
        page.goto(f"/e/{world.firm.pk}/policies/{version.item.code}/")
        if page.locator("table:has(.depth-0):has(.depth-1)").count():
            break
    table = page.locator("table:has(.depth-0):has(.depth-1)").first
    left = [
        table.locator(f".depth-{depth} > th").first.evaluate("cell => cell.getBoundingClientRect().left")
        for depth in (0, 1)
    ]
    assert left[0] < left[1]
    assert page.get_by_role("rowheader", name="合计", exact=True).count() == 1


@pytest.mark.parametrize("screen", [1280], indirect=True)
class TestWalk:
    """By keyboard and by mouse, with scripts."""

    def test_slash_goes_to_the_search_box(self, page: Page, world: World) -> None:
        page.goto("/help/")
        page.keyboard.press("/")
        page.keyboard.type("专精特新")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("专精特新")
        expect(page.locator("article.row").first).to_be_visible()

    def test_a_facet_narrows_the_list_in_place(self, page: Page, world: World) -> None:
        page.goto("/policies/")
        everything = int(page.locator("[role=status] b").inner_text())
        page.locator(".facets input[name=mode]").first.check()
        expect(page.locator(".chip").first).to_be_visible()
        assert int(page.locator("[role=status] b").inner_text()) < everything
        assert "mode=" in page.url

    def test_the_first_tab_stop_skips_to_the_text(self, page: Page, world: World) -> None:
        page.goto("/policies/")
        page.keyboard.press("Tab")
        expect(page.locator(".skip")).to_be_focused()
        page.keyboard.press("Enter")
        assert page.url.endswith("#main")

    def test_a_missing_fact_is_supplied_in_place(self, page: Page, world: World) -> None:
        sign_in(page, world.member)
        page.goto(f"/e/{world.firm.pk}/policies/?tab=needs")
        links = page.locator("article.row h3 a")
        for href in links.evaluate_all("links => links.map(link => link.href)"):
            page.goto(href)
            if page.locator("form.inline input[inputmode=decimal]").count():
                break
        form = page.locator("form.inline", has=page.locator("input[inputmode=decimal]")).first
        before = page.locator("form.inline:visible").count()
        form.locator("input[inputmode=decimal]").fill("乱写")
        form.locator("button").click()
        expect(page.locator("[role=alert]").first).to_be_visible()
        form = page.locator("form.inline", has=page.locator("[aria-invalid=true]")).first
        form.locator("input[inputmode=decimal]").fill("12")
        form.locator("button").click()
        expect(page.locator(".note.done")).to_contain_text("已记下")
        assert page.locator("form.inline:visible").count() < before

    def test_an_answer_changes_the_amount_in_place(self, page: Page, world: World) -> None:
        sign_in(page, world.member)
        box = page.locator("form.tryout input[inputmode=decimal]")
        for version in ItemVersion.objects.select_related("item"):
            page.goto(f"/e/{world.firm.pk}/policies/{version.item.code}/")
            if box.count():
                break
        assert page.locator("text=清空").count() == 0
        box.first.fill("3")
        box.first.press("Tab")
        expect(page.locator("text=清空")).to_be_visible()
        assert "answer-" in page.url

    def test_the_theme_switch_works(self, page: Page, world: World) -> None:
        page.goto("/help/")
        light = page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")
        page.click("button[value=dark]")
        page.wait_for_load_state()
        assert page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor") != light


def test_pages_work_without_script(browser, live_server, world: World) -> None:
    """Reading and submitting need no JavaScript."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, world.member)
    page.goto("/policies/?mode=enjoy")
    assert page.locator("article.row").count() > 0
    page.goto(f"/e/{world.firm.pk}/messages/")
    page.click("text=全部标为已读")
    expect(page.locator(".page-head")).to_contain_text("没有未读消息")
    context.close()
