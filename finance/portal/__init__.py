"""The enterprise's pages of its loans: applying with consent, what became of it, who read what."""
