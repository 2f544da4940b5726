"""The API of applications, for an enterprise's own systems (see `docs/api.md`)."""
