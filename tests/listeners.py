"""Servers of a test that the portal sends to: HTTP (plain or TLS) and SMTP, each on a free port."""

import contextlib
import datetime as dt
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.kernel import outbound
from tests.rerouting import VARIABLE, leading


@dataclass
class Got:
    """One request as it came."""

    path: str
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Listener:
    """What a server got, and what it answers; `drip` are seconds between the bytes of the body."""

    address: str = ""
    got: list[Got] = field(default_factory=list)
    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0
    wait: float = 0

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


@contextlib.contextmanager
def listening(context: ssl.SSLContext | None = None, **answers: Any):
    """A running HTTP server; with a context it speaks TLS."""
    listener = Listener(**answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            listener.got.append(Got(self.path, self.headers, self.rfile.read(length)))
            time.sleep(listener.wait)
            with contextlib.suppress(OSError):
                self.send_response(listener.status)
                for name, value in listener.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if not listener.drip:
                    self.wfile.write(listener.body)
                for byte in listener.body if listener.drip else b"":
                    self.wfile.write(bytes([byte]))
                    time.sleep(listener.drip)

        def log_message(self, *args: object) -> None: ...

    class Server(ThreadingHTTPServer):
        def handle_error(self, *args: object) -> None:
            """A client that hangs up is what is tested."""

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    listener.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield listener
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def listener():
    """An HTTP server without TLS."""
    with listening() as made:
        yield made


@pytest.fixture
def reroute(monkeypatch):
    """Leads calls to hosts to a listener: here, and in the workers that the test starts afterwards."""

    def lead(listener: Listener, *hosts: str) -> Listener:
        monkeypatch.setattr(outbound, "_connect", leading(dict.fromkeys(hosts, listener.address)))
        monkeypatch.setenv(VARIABLE, ",".join(f"{host}={listener.address}" for host in hosts))
        return listener

    return lead


class Letters:
    """Handler of a mail server: keeps letters, refuses names that begin with `nobody`."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 no such user"
        if address.startswith("busy"):
            return "451 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.kept.append(envelope)
        return "250 OK"


@pytest.fixture
def letters(settings):
    """A real mail server, and Django told to use it."""
    handler = Letters()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    yield handler
    controller.stop()


def certificate(folder, *names: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server with a certificate of its own for the names, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{names[0]}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cadata=built.public_bytes(serialization.Encoding.PEM).decode())
