"""Who looks after which enterprise (结对): pairing, changing, ending, and taking in a file of pairings."""

from appeals.pairings.changing import end, pair

__all__ = ["end", "pair"]
