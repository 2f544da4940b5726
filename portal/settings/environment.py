"""Where the servers are: the environment first, else what ``portal.embedded`` wrote down.

Two database roles from the start: ``DATABASE_URL`` signs in the application role, which owns nothing;
``DATABASE_OWNER_URL`` signs in the owner, who migrates. Both may name the same role.
"""

import json
import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SERVERS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")


def server_urls(facts_file: Path) -> dict[str, str]:
    """Addresses of PostgreSQL (application role and owner) and Redis.

    ``facts_file`` is what the embedded servers wrote when they started; a variable of the environment
    outranks it. Raises ImproperlyConfigured when an address is known from neither.
    """
    facts = json.loads(facts_file.read_text()) if facts_file.exists() else {}
    if "DATABASE_URL" in os.environ:
        facts.pop("DATABASE_OWNER_URL", None)
    urls = facts | {name: os.environ[name] for name in SERVERS if os.environ.get(name)}
    urls.setdefault("DATABASE_OWNER_URL", urls.get("DATABASE_URL"))
    missing = [name for name in SERVERS if not urls.get(name)]
    if missing:
        raise ImproperlyConfigured(
            f"{', '.join(missing)} not set and no embedded servers running: "
            "start them with 'python -m portal.embedded' (make demo does), or set the addresses."
        )
    return urls


def database(url: str) -> dict[str, Any]:
    """Django's connection settings for a ``postgres://`` address."""
    return dict(dj_database_url.parse(url, conn_health_checks=True))
