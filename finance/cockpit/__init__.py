"""The finance office's first page: how much was lent, how fast, how dear and how well."""
