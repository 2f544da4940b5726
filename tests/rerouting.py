"""Calls of the portal to the world led to servers of a test, without TLS; in worker processes of tests too.

The portal itself has no such way: this app, which only the settings of tests install, puts it there.
"""

import os
import socket
from collections.abc import Mapping

from django.apps import AppConfig

from portal.kernel import outbound

VARIABLE = "TEST_REROUTED"
_connect = outbound._connect


class Rerouting(AppConfig):
    """In a worker that a test started: what the test has put into the environment."""

    name = "tests.rerouting"

    def ready(self) -> None:
        pairs = filter(None, os.environ.get(VARIABLE, "").split(","))
        if hosts := dict(pair.split("=") for pair in pairs):
            outbound._connect = leading(hosts)


def leading(hosts: Mapping[str, str]):
    """A way to connect that goes to an address (`127.0.0.1:8080`) for each of the hosts."""

    def connect(target: outbound.Target, until: float) -> socket.socket:
        if address := hosts.get(target.host):
            host, _colon, port = address.rpartition(":")
            return socket.create_connection((host, int(port)), timeout=outbound.CONNECT)
        return _connect(target, until)

    return connect
