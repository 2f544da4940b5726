"""Who is acting for a provider: a user and the provider that stands in the address."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from appeals.models import Provider
from portal.accounts.desks import signed_in_person
from portal.accounts.models import User


@dataclass(frozen=True, slots=True)
class Post:
    """A user at work for one provider."""

    user: User
    provider: Provider


def act_for_provider(request: HttpRequest, provider: int) -> Post:
    """The user as one of the provider's people; else ``Http404``. One query. A superuser passes."""
    user = signed_in_person(request)
    providers = Provider.objects.select_related("team")
    if not user.is_superuser:
        providers = providers.filter(members__user=user)
    return Post(user, get_object_or_404(providers, pk=provider))
