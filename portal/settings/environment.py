"""The environment, read and checked in one place.

Where the servers are: the environment first, else what ``portal.embedded`` wrote down.

Two database roles from the start: ``DATABASE_URL`` signs in the application role, which owns nothing;
``DATABASE_OWNER_URL`` signs in the owner, who migrates. Both may name the same role.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from portal.embedded import MARK
from portal.embedded.places import user_name

SECRET_LENGTH, SECRET_VARIETY = 50, 10
FOLDERS = ("TREASURY_OUTBOX", "TREASURY_INBOX")
NAMES = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def server_urls(facts_file: Path | None = None) -> dict[str, str]:
    """Addresses of PostgreSQL (application role and owner) and Redis.

    ``facts_file`` is what the embedded servers wrote when they started; a variable of the environment
    outranks it. Raises ImproperlyConfigured when an address is known from neither.
    """
    known = {name: os.environ[name] for name in NAMES if os.environ.get(name)}
    if facts_file and facts_file.exists():
        facts = _facts(facts_file)
        if "DATABASE_URL" in known:
            facts.pop("DATABASE_OWNER_URL", None)
        known = facts | known
    missing = [name for name in ("DATABASE_URL", "REDIS_URL") if name not in known]
    if missing:
        raise ImproperlyConfigured(
            f"{' and '.join(missing)} not set, and no embedded servers are running: start them with "
            "'make demo' or 'python -m portal.embedded', or name servers of your own."
        )
    return {"DATABASE_OWNER_URL": known["DATABASE_URL"]} | known


def _facts(file: Path) -> dict[str, str]:
    try:
        return dict(json.loads(file.read_text()))
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"The embedded servers run for the user '{user_name(file.stat().st_uid)}': work as that user, or "
            "name servers of your own (DATABASE_URL, REDIS_URL)."
        ) from error


def database(url: str) -> dict[str, Any]:
    """Django's connection settings for a ``postgres://`` address."""
    return dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))


def redis_cache(url: str) -> dict[str, dict[str, Any]]:
    """Django's cache settings for a ``redis://`` address."""
    return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}


@dataclass(frozen=True)
class ProductionEnvironment:
    """What production takes from the environment, checked."""

    secret_key: str
    secret_key_fallbacks: list[str]
    allowed_hosts: list[str]
    database_url: str
    database_owner_url: str
    redis_url: str
    treasury_outbox: Path
    treasury_inbox: Path


def production_environment(environ: Mapping[str, str]) -> ProductionEnvironment:
    """Read and check; raises ImproperlyConfigured that lists every problem in plain words."""
    problems = [f"{name} is not set." for name in ("DATABASE_URL", "REDIS_URL") if not environ.get(name)]
    if environ.get("DEBUG", "").lower() not in ("", "0", "false", "no", "off"):
        problems.append("DEBUG is on: it shows secrets to visitors. Unset it.")
    secret, fallbacks = environ.get("SECRET_KEY", ""), _listed(environ, "SECRET_KEY_FALLBACKS")
    if _is_weak(secret):
        problems.append(
            f"SECRET_KEY is missing or guessable: set {SECRET_LENGTH} random characters or more, for example "
            "from: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    if any(map(_is_weak, fallbacks)):
        problems.append("SECRET_KEY_FALLBACKS holds a guessable key: whoever guesses it signs in as anybody.")
    hosts = _listed(environ, "ALLOWED_HOSTS")
    if not hosts or "*" in hosts:
        problems.append("ALLOWED_HOSTS must name the portal's host names, separated by commas, without '*'.")
    problems += [
        f"{name} leads to the embedded demo server: production needs a server of its own."
        for name in NAMES
        if _is_embedded(environ.get(name, ""))
    ]
    problems += _misplaced(environ)
    if problems:
        raise ImproperlyConfigured("Production refuses to start:\n" + "\n".join(f"- {p}" for p in problems))
    url = environ["DATABASE_URL"]
    owner_url = environ.get("DATABASE_OWNER_URL") or url
    folders = (Path(environ[name]) for name in FOLDERS)
    return ProductionEnvironment(secret, fallbacks, hosts, url, owner_url, environ["REDIS_URL"], *folders)


def _misplaced(environ: Mapping[str, str]) -> list[str]:
    """What is wrong with the treasury's folders and format: no guess is made where payments go."""
    named = [environ.get(name, "") for name in FOLDERS]
    problems = [
        f"{name} is not set to the full path of a folder: see docs/treasury.md."
        for name, folder in zip(FOLDERS, named, strict=True)
        if not Path(folder).is_absolute()
    ]
    if not problems and len({Path(folder) for folder in named}) < len(FOLDERS):
        problems.append(f"{' and '.join(FOLDERS)} must be two folders.")
    if (environ.get("TREASURY_FORMAT") or "csv") not in ("csv", "xml"):
        problems.append("TREASURY_FORMAT must be csv or xml.")
    if not re.fullmatch(r"[1-9][0-9]?", environ.get("TREASURY_PATIENCE") or "3"):
        problems.append("TREASURY_PATIENCE must be a number of working days, 1 to 99.")
    return problems


def _listed(environ: Mapping[str, str], name: str) -> list[str]:
    """A variable's values, which commas divide."""
    return [value.strip() for value in environ.get(name, "").split(",") if value.strip()]


def _is_weak(secret: str) -> bool:
    return len(secret) < SECRET_LENGTH or len(set(secret)) < SECRET_VARIETY or "insecure" in secret


def _is_embedded(url: str) -> bool:
    """Embedded servers carry the mark as their database's or their user's name."""
    address = urlsplit(url)
    return MARK in (address.path.strip("/"), address.username)
