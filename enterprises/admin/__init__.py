"""The desk of officials: enterprises, what is known of them, their members and imports."""

from enterprises.admin import catalogue, consents, enterprise, history, imports, keys, knowledge, members

__all__ = ["catalogue", "consents", "enterprise", "history", "imports", "keys", "knowledge", "members"]
