"""What tests need of the database that they run on."""

import pytest
from django.conf import settings

needs_two_roles = pytest.mark.skipif(
    settings.DATABASE_OWNER["USER"] == settings.DATABASES["default"]["USER"],
    reason="both addresses name the same database role",
)
