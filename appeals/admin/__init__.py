"""Everything of appeals that is kept as data; each room has a module."""

from appeals.admin import appeals, clocks, field, routing, teams

__all__ = ["appeals", "clocks", "field", "routing", "teams"]
