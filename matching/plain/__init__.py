"""One rule before one enterprise: the reference semantics in plain, exact Python."""
