"""Suggestions as rows, as if a worker had made them."""

from django.utils import timezone

from appeals.models import Suggestion


def suggest(appeal, *departments, leader=None):
    """One suggestion for each department, the first the likeliest; `leader` is the first one's."""
    at = timezone.now()
    return [
        Suggestion.objects.create(
            appeal=appeal,
            made_at=at,
            rank=rank,
            department=department,
            leader=leader if rank == 1 else None,
            percent=90 // rank,
            reasons={
                "words": ["路灯"],
                "similar": [{"number": "SQ-1", "title": "旧事"}],
                "rule": None,
                "load": 3,
            },
        )
        for rank, department in enumerate(departments, start=1)
    ]
