"""Money: who is owed what, paid by the treasury, shadowed here to the fen."""
