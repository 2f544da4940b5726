"""Settings for a developer's machine and the demo."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import VAR_DIR
from portal.settings.environment import database, server_urls

DEBUG = True
SECRET_KEY = "development-only-not-a-secret"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SERVERS = server_urls(VAR_DIR / "run" / "servers.json")
DATABASES = {"default": database(SERVERS["DATABASE_URL"])}
DATABASE_OWNER = database(SERVERS["DATABASE_OWNER_URL"])
REDIS_URL = SERVERS["REDIS_URL"]
