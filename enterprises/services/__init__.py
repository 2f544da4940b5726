"""What the layers above may ask of this app."""

from enterprises.services.catalogue import load_catalogue
from enterprises.services.declare import declare_fact
from enterprises.services.knowledge import knowledge_of, knowledge_of_many
from enterprises.services.members import (
    accept_invitation,
    approve_claim,
    dismiss,
    find_by_uscc,
    find_invitation,
    invite,
    reject_claim,
    revoke_invitation,
    submit_claim,
)
from enterprises.services.registry import confirm_uscc, create_enterprise, record_registry

__all__ = [
    "accept_invitation",
    "approve_claim",
    "confirm_uscc",
    "create_enterprise",
    "declare_fact",
    "dismiss",
    "find_by_uscc",
    "find_invitation",
    "invite",
    "knowledge_of",
    "knowledge_of_many",
    "load_catalogue",
    "record_registry",
    "reject_claim",
    "revoke_invitation",
    "submit_claim",
]
