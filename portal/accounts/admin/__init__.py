"""People, departments and roles; and who works where."""

from portal.accounts.admin import officers, people

__all__ = ["officers", "people"]
