"""Users and departments."""

from django.contrib.auth.models import AbstractUser


class User(AbstractUser):
    """A person who signs in: an enterprise's member, an official, a bank's officer."""
