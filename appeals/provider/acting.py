"""The first line of every page under `/p/<provider>/`."""

from django.http import HttpRequest

from appeals.acting import Post, act_for_provider


def act(request: HttpRequest, provider: int) -> Post:
    """Who acts for the provider, or 404; the provider is put on the request for the frame of the page."""
    post = act_for_provider(request, provider)
    request.provider = post.provider  # type: ignore[attr-defined]
    return post
