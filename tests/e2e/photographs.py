"""Photographs of pages, for people to look at: `make test SHOTS=1` leaves them in var/shots."""

import os
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page

FOLDER = Path(settings.BASE_DIR) / "var" / "shots"


def photograph(page: Page, name: str) -> None:
    """Nothing may stick out of the page; when asked for, the whole of it is kept as `<name>-<width>.png`."""
    assert page.viewport_size
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    if not os.environ.get("SHOTS"):
        return
    place = FOLDER / f"{name}-{width}.png"
    place.parent.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(150)  # menus and bars settle
    page.screenshot(path=place, full_page=True, caret="initial")
