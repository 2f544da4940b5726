"""Real PostgreSQL and Redis from wheels, for the demo and the tests: nothing to install by hand.

``python -m portal.embedded`` runs the servers until Ctrl-C, ``python -m portal.embedded.demo`` the whole
portal. Nothing here is meant for production, whose settings refuse these servers.
"""

# Name of the embedded database and of Redis' user, by which production knows them and refuses them.
MARK = "embedded"


class EmbeddedError(Exception):
    """A server could not start; the text says why and what to do, for whoever typed the command."""
