"""The desk's view of the hall and of the teams: who serves, how well, and what follows from it."""
