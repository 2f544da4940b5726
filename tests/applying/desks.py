"""Officials at the review desk: signed in with their second factor, as the desk wants them."""

from django.core.cache import cache
from django.test import Client

from portal.accounts.models import User
from portal.accounts.second_factor import enable_totp, has_second_factor


def signed_in(user: User) -> Client:
    """A browser of the official's."""
    cache.clear()
    if not has_second_factor(user):
        enable_totp(user)
    client = Client()
    client.force_login(user)
    return client
