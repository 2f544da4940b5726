"""Where an enterprise says what it needs, and follows what becomes of it."""
