"""What an enterprise sees of its money, and where it names its account."""
