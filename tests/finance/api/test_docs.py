"""The examples of docs/api.md for banks, in their order, do what they say."""

import base64
import re
import shlex
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from tests.finance.api.systems import System
from tests.finance.factories import published
from tests.finance.lending.factories import bank, filed

pytestmark = pytest.mark.django_db


def examples() -> list[str]:
    """Commands of the chapter, a line each."""
    chapter = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text().partition("# API for banks")[2]
    blocks = re.findall(r"```sh\n(.*?)```", chapter, re.S)
    return [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]


def run(browser, command, known):
    """What curl would send; a line that sets a name is kept."""
    for name, value in known.items():
        command = re.sub(rf"\${name}\b", value, command)
    name, sign, value = command.partition("=")
    if sign and name.isidentifier():
        known[name] = value
        return None
    words = shlex.split(command)
    address = next(word for word in words if word.startswith("https://"))
    headers = dict(words[at + 1].split(": ") for at, word in enumerate(words) if word == "-H")
    if "-u" in words:
        pair = base64.b64encode(words[words.index("-u") + 1].encode()).decode()
        headers["Authorization"] = f"Basic {pair}"
    parts = urlsplit(address)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if "-d" not in words:
        return browser.get(path, headers=headers)
    kind = headers.pop("Content-Type", "application/x-www-form-urlencoded")
    return browser.post(path, words[words.index("-d") + 1], content_type=kind, headers=headers)


def test_every_example_works():
    cache.clear()
    system = System(bank())
    loan = filed(version=published(system.bank))
    known = {
        "CLIENT_ID": system.client.client_id,
        "SECRET": system.secret,
        "NUMBER": loan.number,
        "TODAY": str(timezone.localdate()),
    }
    answers = []
    for command in examples():
        answer = run(system.browser, command, known)
        if answer is None:
            continue
        assert answer.status_code == 200, (command, answer.content.decode())
        answers.append(answer.json())
        known.setdefault("TOKEN", answers[0]["access_token"])
    assert len(answers) == 9
    loan.refresh_from_db()
    assert (loan.state, loan.drawn_fen) == ("drawn", 50_000_000)
