"""Files between the portal and the treasury: their formats, writing, reading, folders (docs/treasury.md)."""
