"""An owner applies by phone in a real Chromium; the pages of applying are clean by day and by night."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from enterprises.actors import Actor
from policies.applying import drafts
from policies.models import Application, ItemVersion
from portal.accounts.models import User
from tests.accounts.factories import UserFactory
from tests.applying import factories as make
from tests.e2e.conftest import Look
from tests.e2e.entering import sign_in
from tests.enterprises.factories import EnterpriseFactory, MembershipFactory
from tests.papers import pdf_of

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WIDE = pytest.mark.parametrize("screen", [1280], indirect=True)
PHONE = pytest.mark.parametrize("screen", [360], indirect=True)
CONTACTS = [{"name": "企业发展科", "phone": "023-74512345"}]


@dataclass(frozen=True)
class Owner:
    """Who applies, for whom, for what."""

    user: User
    actor: Actor
    version: ItemVersion

    @property
    def item(self) -> str:
        return f"/e/{self.actor.enterprise.pk}/policies/{self.version.item.code}/"

    @property
    def list(self) -> str:
        return f"/e/{self.actor.enterprise.pk}/applications/"


@pytest.fixture
def owner(transactional_db: None, settings: Any, tmp_path: Any) -> Owner:
    settings.MEDIA_ROOT = tmp_path
    user = UserFactory(name="陈明远", mobile="13900000001")
    firm = EnterpriseFactory(name="渝东轮毂制造有限公司")
    membership = MembershipFactory(user=user, enterprise=firm)
    version = make.version(title="工业企业技术改造设备投资奖励", contacts=CONTACTS)
    return Owner(user, Actor(user, firm, membership.role), version)


@PHONE
def test_an_owner_applies_on_a_phone(page: Page, owner: Owner) -> None:
    sign_in(page, owner.user)
    page.goto(owner.item)
    page.get_by_role("button", name="申报", exact=True).click()
    expect(page.get_by_role("heading", name="还要您填的")).to_be_visible()
    head, application = page.locator("#apply-head"), Application.objects.get()
    page.locator("#answer-equipment_invest").fill("很多")
    page.locator("#contact_name").focus()
    expect(page.locator("#answer-equipment_invest-error")).not_to_be_empty()
    page.locator("#answer-equipment_invest").fill("200")
    page.locator("[id^='answer-employees@']:not(p)").fill("20")
    page.locator("#contact_name").focus()
    expect(head).to_contain_text("20 万元")
    expect(head).to_contain_text("符合")
    expect(page.locator("#answer-equipment_invest-error")).to_be_empty()
    chosen = page.locator("#material-1 input[type=file]").first
    chosen.set_input_files({"name": "图.svg", "mimeType": "image/svg+xml", "buffer": b"<svg></svg>"})
    expect(page.locator("#material-1-error")).to_contain_text("“图.svg”没有上传")
    chosen.set_input_files({"name": "发票.pdf", "mimeType": "application/pdf", "buffer": pdf_of()})
    expect(page.locator("#files-1").get_by_role("link", name="发票.pdf")).to_be_visible()
    expect(page.locator("#material-1-error")).to_be_empty()
    expect(page.locator("#apply-problems")).to_contain_text("可以提交")
    page.get_by_role("button", name="检查并提交").click()
    expect(page.get_by_role("heading", name="提交前看一遍")).to_be_visible()
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_text("正在等主管部门受理")).to_be_visible()
    application.refresh_from_db()
    assert application.state == "submitted"
    assert application.files.get().material == "设备发票"


@PHONE
def test_what_a_colleague_saved_meanwhile_is_set_beside_what_was_typed(page: Page, owner: Owner) -> None:
    application = make.drafted(owner.version, owner.actor)
    sign_in(page, owner.user)
    page.goto(application.get_absolute_url())
    Application.objects.filter(pk=application.pk).update(
        revision=application.revision + 1, answers={"equipment_invest": "900"}
    )
    page.locator("#answer-equipment_invest").fill("200")
    page.locator("#contact_name").focus()
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#answer-equipment_invest")).to_have_value("200")
    page.get_by_role("button", name="对照着看，再决定").click()
    expect(page.get_by_role("cell", name="900")).to_be_visible()
    expect(page.locator("#answer-equipment_invest")).to_have_value("200")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_text("已保存。可以随时回来")).to_be_visible()
    application.refresh_from_db()
    assert application.answers["equipment_invest"] == "200"


@PHONE
def test_files_chosen_while_a_page_is_stale_are_kept(page: Page, owner: Owner) -> None:
    application = make.drafted(owner.version, owner.actor)
    sign_in(page, owner.user)
    page.goto(application.get_absolute_url())
    Application.objects.filter(pk=application.pk).update(
        revision=application.revision + 1, answers={"equipment_invest": "900"}
    )
    saving, held = f"**{application.get_absolute_url()}save/", []
    page.route(saving, lambda route: held.append(route), times=1)
    page.locator("#answer-equipment_invest").fill("200")
    with page.expect_request(saving):
        page.locator("#contact_name").focus()
    chosen = page.locator("#material-1 input[type=file]").first
    chosen.set_input_files({"name": "发票.pdf", "mimeType": "application/pdf", "buffer": pdf_of()})
    held[0].continue_()  # the file waits behind what is refused now
    expect(page.locator("#stale")).to_be_visible()
    chosen.set_input_files({"name": "发票二.pdf", "mimeType": "application/pdf", "buffer": pdf_of("2")})
    page.get_by_role("button", name="对照着看，再决定").click()
    expect(page.get_by_role("cell", name="900")).to_be_visible()
    for name in ("发票.pdf", "发票二.pdf"):
        expect(page.locator("#files-1").get_by_role("link", name=name)).to_be_visible()
    assert application.files.count() == 2


@PHONE
def test_leaving_by_the_button_waits_for_what_is_on_its_way(page: Page, owner: Owner) -> None:
    application = make.filled(owner.version, owner.actor)
    sign_in(page, owner.user)
    page.goto(application.get_absolute_url())
    page.locator("#answer-equipment_invest").fill("330")
    page.get_by_role("button", name="检查并提交").click()
    expect(page.get_by_text("330 万元").first).to_be_visible()


@PHONE
def test_all_of_it_works_without_script(
    browser: Browser, live_server: Any, owner: Owner, screen: int
) -> None:
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", java_script_enabled=False)
    page = context.new_page()
    sign_in(page, owner.user)
    page.goto(owner.item)
    page.get_by_role("button", name="申报", exact=True).click()
    page.locator("#answer-equipment_invest").fill("200")
    page.locator("[id^='answer-employees@']:not(p)").fill("20")
    chosen = page.locator("#material-1 input[type=file]").first
    expect(chosen).to_be_visible()
    chosen.set_input_files({"name": "发票.pdf", "mimeType": "application/pdf", "buffer": pdf_of()})
    page.locator("#contact_name").press("Enter")
    expect(page.get_by_text("已保存。可以随时回来")).to_be_visible()
    page.get_by_role("button", name="移除").click()
    expect(page.locator("#files-1 li")).to_have_count(0)
    page.locator("#material-1 summary").click()
    page.locator("#note-1").fill("发票遗失，附情况说明")
    page.get_by_role("button", name="检查并提交").click()
    page.get_by_role("button", name="确认提交").click()
    expect(page.get_by_text("正在等主管部门受理")).to_be_visible()
    expect(page.get_by_text("发票遗失，附情况说明")).to_be_visible()
    context.close()


@WIDE
def test_pages_are_clean(page: Page, look_twice: Look, owner: Owner) -> None:
    sign_in(page, owner.user)
    look_twice("apply-list-empty", owner.list)
    look_twice("apply-item", owner.item)
    draft = make.drafted(owner.version, owner.actor)
    look_twice("apply-form", draft.get_absolute_url())
    look_twice("apply-check-missing", f"{draft.get_absolute_url()}send/")
    drafts.discard(draft)
    returned = make.returned(make.sent(owner.version, owner.actor))
    look_twice("apply-returned", returned.get_absolute_url())
    look_twice("apply-check", f"{returned.get_absolute_url()}send/")
    look_twice("apply-receipt", f"{returned.get_absolute_url()}receipt/")
    look_twice("apply-list", owner.list)
    look_twice("apply-home", f"/e/{owner.actor.enterprise.pk}/")


@WIDE
@pytest.mark.parametrize("made", [make.sent, make.approved, make.refused])
def test_what_became_of_it_is_clean(
    page: Page, look_twice: Look, transactional_db: None, made: Callable[[], Application]
) -> None:
    application = made()
    sign_in(page, application.enterprise.memberships.get().user)
    look_twice(f"apply-{application.state}", application.get_absolute_url())
