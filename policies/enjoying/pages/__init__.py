"""Pages on which enterprises take what is theirs, and on which everybody reads who is about to get it."""
