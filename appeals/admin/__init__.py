"""Everything of appeals that is kept as data; each room has a module."""

from appeals.admin import routing, teams

__all__ = ["routing", "teams"]
