"""Everything of appeals that is kept as data; each room has a module."""

from appeals.admin import clocks, field, routing, teams

__all__ = ["clocks", "field", "routing", "teams"]
