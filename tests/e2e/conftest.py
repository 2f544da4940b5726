"""Pages in a real Chromium: sizes, themes, photographs, axe-core."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from tests.e2e.photographs import photograph

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
SIZES = {each["width"]: each["height"] for each in (PHONE, DESK)}
COLOURS = ["color-contrast", "link-in-text-block"]
RULES: dict[Literal["light", "dark"], list[str] | None] = {"dark": COLOURS, "light": None}
"""What axe looks for in each theme; None: all it knows."""


@pytest.fixture(scope="session")
def browser(chromium: Browser) -> Browser:
    """One browser for the whole run (of `tests.browsers`: Playwright runs once in a process)."""
    return chromium


@pytest.fixture(params=list(SIZES))
def screen(request: pytest.FixtureRequest) -> int:
    """How wide the screen is: a phone's and a desk's."""
    return request.param


@pytest.fixture
def page(browser: Browser, live_server: Any, screen: int) -> Iterator[Page]:
    """A fresh page of the width asked for; a script's error fails the test."""
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": screen, "height": SIZES[screen]},
        reduced_motion="reduce",  # colours are what they are at once
        locale="zh-CN",
    )
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda line: faults.append(line.text) if "Content Security" in line.text else None)
    yield opened
    context.close()
    assert faults == []


@pytest.fixture
def console_may_say() -> tuple[str, ...]:
    """Words of errors that consoles may hold; a module that provokes some has a fixture of its own."""
    return ()


@pytest.fixture
def open_page(
    browser: Browser, live_server: Any, console_may_say: tuple[str, ...]
) -> Iterator[Callable[..., Page]]:
    """Opens a browser of its own for each person; an error in any page's console fails the test."""
    contexts, errors = [], []

    def note(line: ConsoleMessage) -> None:
        if line.type == "error" and not any(words in line.text for words in console_may_say):
            errors.append(line.text)

    def fresh(size: ViewportSize = DESK) -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", note)
        return page

    yield fresh
    for context in contexts:
        context.close()
    assert not errors, errors


Look = Callable[[str, str], None]
FAULTS = """
    async rules => {
        const options = {resultTypes: ["violations"]};  // of what is right it keeps no account
        if (rules) options.runOnly = rules;
        const found = await axe.run(options);
        return found.violations.map(one => [one.id, one.nodes.map(node => node.target)]);
    }
"""


@pytest.fixture
def look(page: Page) -> Look:
    """Open an address and insist, by day and by night, that axe-core finds nothing and nothing sticks out.

    By night axe only looks at colours: nothing else differs.
    """
    axe = Path(AXE_FILE_PATH).read_text(encoding="utf-8")

    def open_and_check(name: str, address: str) -> None:
        answer = page.goto(address)
        assert answer is not None
        page.evaluate(axe)
        for theme, rules in RULES.items():
            page.emulate_media(color_scheme=theme)
            photograph(page, f"{name}-{theme}")
            assert page.evaluate(FAULTS, rules) == [], theme

    return open_and_check


@pytest.fixture
def look_twice(page: Page, look: Look) -> Look:
    """The same on a phone, then on a desk, for whoever only looks around: signed in once, loaded twice."""

    def open_and_check(name: str, address: str) -> None:
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            look(name, address)

    return open_and_check
