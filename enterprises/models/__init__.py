"""Tables of the enterprises app, one module an aggregate."""

from enterprises.models.api_keys import ApiKey, Scope
from enterprises.models.consents import (
    Consent,
    ConsentCredential,
    ConsentFact,
    ConsentNotice,
    ConsentReading,
    Grantee,
    GranteeKind,
)
from enterprises.models.credentials import Credential, CredentialKind
from enterprises.models.enterprise import Enterprise, EntityType, Ownership, Status
from enterprises.models.facts import Fact, FactValue
from enterprises.models.imports import Import, ImportKind
from enterprises.models.membership import Claim, ClaimEvent, ClaimState, Invitation, MemberRole, Membership
from enterprises.models.reference import CodeList, Industry, ReferenceFigure, Region
from enterprises.models.scans import CodeScan, Scanner
from enterprises.models.stamps import CatalogueStamp, DirtyEnterprise

__all__ = [
    "ApiKey",
    "CatalogueStamp",
    "Claim",
    "ClaimEvent",
    "ClaimState",
    "CodeList",
    "CodeScan",
    "Consent",
    "ConsentCredential",
    "ConsentFact",
    "ConsentNotice",
    "ConsentReading",
    "Credential",
    "CredentialKind",
    "DirtyEnterprise",
    "Enterprise",
    "EntityType",
    "Fact",
    "FactValue",
    "Grantee",
    "GranteeKind",
    "Import",
    "ImportKind",
    "Industry",
    "Invitation",
    "MemberRole",
    "Membership",
    "Ownership",
    "ReferenceFigure",
    "Region",
    "Scanner",
    "Scope",
    "Status",
]
