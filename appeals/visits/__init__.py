"""走访: planned for a quarter, written down on a phone that may be offline, confirmed by the enterprise."""
