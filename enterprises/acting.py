"""The first line of every page under `/e/<enterprise>/`: who acts, for whom, or 404."""

from django.http import HttpRequest

from enterprises.actors import Actor, get_actor
from portal.accounts.requests import signed_in


def act(request: HttpRequest, enterprise: int) -> Actor:
    """The signed-in user as a member of the enterprise in the address; `Http404` when they are none.

    The enterprise is put on the request for the frame of the page (`portal.shell.context`).
    """
    actor = get_actor(signed_in(request), enterprise)
    request.enterprise = actor.enterprise  # type: ignore[attr-defined]
    return actor
