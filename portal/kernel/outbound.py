"""Calls that the portal makes to addresses that people typed in: never to the inside, nor farther than asked.

Only https, to hosts that the caller allows. The name is looked up once, every address found must be public,
and the connection goes to a checked address, so that a name that changes its mind (DNS rebinding) gains
nothing; certificate and Host are those of the name. Redirects are not followed, the whole call has one
deadline, of the answer no more than `MOST_READ` bytes are read, and proxies of the environment are not used.
See OWASP, Server-Side Request Forgery Prevention Cheat Sheet.
"""

import http.client
import io
import re
import socket
import ssl
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

from django.utils.translation import gettext as _

DEADLINE: Final = 15.0
"""Seconds for a whole call, from the connection to the last byte."""
CONNECT: Final = 5.0
"""Seconds for one connection."""
MOST_READ: Final = 16 * 1024
HOST: Final = r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
"""A name in lower case with a dot, its last label begins with a letter: no address, however it is written."""
PATH: Final = r"/[A-Za-z0-9._~!$&'()*+,;=:@/%?-]*"
_URL = re.compile(rf"https://(?P<host>[a-z0-9.-]+)(?::(?P<port>[0-9]{{1,5}}))?(?P<path>{PATH})?", re.ASCII)
_UNICAST: Final = ip_network("2000::/3")
_DENIED: Final = tuple(
    ip_network(one)
    for one in (
        *("100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15"),  # CGNAT, protocol, benchmarks
        *("168.63.129.16/32", "2001::/23", "2002::/16", "3fff::/20"),  # Azure's host; IPv4 inside IPv6
    )
)


class Unreachable(Exception):  # noqa: N818 - reads as what happened
    """The call came to nothing; the text says why, for a person."""


class Forbidden(Unreachable):
    """The address is one that the portal does not call."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a call goes."""

    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> "Target":
        """Raises Forbidden for everything but `https://name[:port][/path]`."""
        found = _URL.fullmatch(url)
        if found is None or not re.fullmatch(HOST, found["host"]):
            raise Forbidden(_("地址须为 https:// 加域名，不能是 IP 地址，也不能带用户名。"))
        port = int(found["port"] or 443)
        if not 0 < port < 65536:
            raise Forbidden(_("端口不正确。"))
        return cls(found["host"], port, found["path"] or "/")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the first bytes of the body as far as they came in time."""

    status: int
    body: bytes

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allowed: Collection[tuple[str, int]]
) -> Answer:
    """Send the body by POST. `allowed` are the (host, port) that may be called. Raises Unreachable."""
    target = Target.parse(url)
    if (target.host, target.port) not in allowed:
        raise Forbidden(_("“%(host)s”不在允许的地址之内。") % {"host": f"{target.host}:{target.port}"})
    until = time.monotonic() + DEADLINE
    try:
        with _connect(target, until) as sock:
            return _ask(sock, target, body, headers, until)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable(_("证书不可信：%(why)s") % {"why": error.verify_message}) from error
    except TimeoutError as error:
        raise Unreachable(_("对方没有及时回应。")) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(_("连接失败：%(why)s") % {"why": type(error).__name__}) from error


def is_public(address: str) -> bool:
    """Whether an address is somebody else's on the open internet: not ours, not a neighbour's, not a trick.

    IPv4 written as IPv6 (mapped, 6to4, Teredo, NAT64) is none, whatever it stands for.
    """
    ip = ip_address(address.partition("%")[0])
    if isinstance(ip, IPv6Address) and ip not in _UNICAST:
        return False
    return (
        ip.is_global
        and not ip.is_multicast
        and not any(ip in one for one in _DENIED if one.version == ip.version)
    )


def _connect(target: Target, until: float) -> socket.socket:
    """A connection to a checked address; the first of them that takes it."""
    trouble: OSError = TimeoutError()
    for family, address in _addresses(target):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(_left(until, CONNECT))
            sock.connect(address)
            return _context().wrap_socket(sock, server_hostname=target.host)
        except OSError as error:
            sock.close()
            trouble = error
    raise trouble


def _addresses(target: Target) -> list[tuple[socket.AddressFamily, Any]]:
    """All that the name stands for, looked up once. Raises Forbidden when any of them is not public."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unreachable(_("找不到“%(host)s”，请检查域名。") % {"host": target.host}) from error
    if not all(is_public(str(address[0])) for *_kind, address in found):
        raise Forbidden(_("“%(host)s”指向内部地址，不能调用。") % {"host": target.host})
    return [(family, address) for family, _type, _protocol, _name, address in found]


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _ask(
    sock: socket.socket, target: Target, body: bytes, headers: Mapping[str, str], until: float
) -> Answer:
    sock.settimeout(_left(until))
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = sock
    host = target.host if target.port == 443 else f"{target.host}:{target.port}"
    own = {"Host": host, "Connection": "close", "Accept-Encoding": "identity"}
    connection.request("POST", target.path, body, {**headers, **own})
    answer = http.client.HTTPResponse(sock, method="POST")
    answer.fp = io.BufferedReader(_Reader(sock, until))
    answer.begin()
    try:
        start = answer.read(MOST_READ)
    except (OSError, http.client.HTTPException):
        start = b""  # the status has been said: whether it was taken is known
    return Answer(answer.status, start)


def _left(until: float, most: float = DEADLINE) -> float:
    left = min(until - time.monotonic(), most)
    if left <= 0:
        raise TimeoutError
    return left


class _Reader(io.RawIOBase):
    """Reads a socket until a moment, however slowly the bytes drip."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        super().__init__()
        self._sock, self._until = sock, until

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._until))
        return self._sock.recv_into(buffer)
