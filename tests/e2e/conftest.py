"""A real Chromium for page tests. It is taken from PATH; without one these tests do not run and say so."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from django.conf import settings
from playwright.sync_api import Browser, Page, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs beside the ORM

SIZES = {360: 740, 1280: 800}
THEMES = ("light", "dark")
SHOTS = Path(settings.BASE_DIR) / "var" / "shots"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole run."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("no Chromium on PATH: the browser tests did not run")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(
    params=[(width, theme) for width in SIZES for theme in THEMES], ids=lambda p: f"{p[0]}-{p[1]}"
)
def screen(request: pytest.FixtureRequest) -> tuple[int, str]:
    """Phone and desk, by day and by night."""
    return request.param


@pytest.fixture
def page(browser: Browser, live_server: Any, screen: tuple[int, str]) -> Iterator[Page]:
    """A fresh page of the size and theme asked for; a script's error fails the test."""
    width, theme = screen
    context = browser.new_context(
        base_url=live_server.url,
        viewport={"width": width, "height": SIZES[width]},
        color_scheme=theme,
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
def look(page: Page, screen: tuple[int, str]) -> Callable[[str, str], None]:
    """Open an address, photograph it, and insist that axe-core finds nothing and nothing sticks out."""
    axe = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
    width, theme = screen

    def open_and_check(name: str, address: str) -> None:
        answer = page.goto(address)
        assert answer is not None
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}-{width}-{theme}.png", full_page=True)
        page.evaluate(axe)
        found = page.evaluate("() => axe.run()")["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width

    return open_and_check
