"""Settings for the test suite."""

from portal.settings.base import *  # noqa: F403
from portal.settings.base import VAR_DIR
from portal.settings.environment import database, server_urls

SECRET_KEY = "test-only-not-a-secret"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SERVERS = server_urls(VAR_DIR / "run" / "test-servers.json")
DATABASES = {"default": database(SERVERS["DATABASE_URL"])}
DATABASE_OWNER = database(SERVERS["DATABASE_OWNER_URL"])
REDIS_URL = SERVERS["REDIS_URL"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
