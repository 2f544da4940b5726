"""Pages of banks that take part in pools."""
