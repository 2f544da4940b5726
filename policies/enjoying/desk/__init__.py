"""Pages at which officials check, confirm, show and offer lists of enterprises that need not apply."""
