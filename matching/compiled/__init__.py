"""Every rule before one enterprise: rules compiled together, then a few array operations."""
