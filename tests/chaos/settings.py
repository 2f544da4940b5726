"""The portal's settings for chaos: as in the demo, with an impatient beat, and processes that drop dead."""

import os

from portal.settings.dev import *  # noqa: F403
from portal.settings.dev import DATABASES as _DATABASES
from portal.settings.dev import INSTALLED_APPS

DEBUG = False
INSTALLED_APPS = [*INSTALLED_APPS, "tests.chaos.dying.Chaos"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES = {
    "default": _DATABASES["default"]
    | {
        "CONN_MAX_AGE": 0,  # a server that comes back is a new one
        # a server of tests forgets what it had just committed when it is stopped: this one must not
        "OPTIONS": {"options": "-c synchronous_commit=on"},
    }
}
CHAOS_DEATHS = float(os.environ.get("CHAOS_DEATHS") or 0)
"""Part of a process's commits at which it is killed, half of them just before, half just after."""
CHAOS_SEED = os.environ.get("CHAOS_SEED", "")
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE = {
    name: {"task": f"tests.chaos.tasks.{name}", "schedule": seconds}
    for name, seconds in {"deliver": 0.4, "collect": 0.3, "lose_patience": 2.0, "ask_again": 2.0}.items()
} | {"books": {"task": "policies.money.tasks.scan_books", "schedule": 5.0}}
