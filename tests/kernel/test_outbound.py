"""Calls to addresses that people typed in: never to the inside, however it is written or looked up."""

import socket
import time

import pytest

from portal.kernel import outbound
from portal.kernel.outbound import Forbidden, Target, Unreachable, is_public, post
from tests.listeners import certificate, listening

HOST = "hooks.example.com"
PUBLIC = "93.184.215.14"


def call(url=f"https://{HOST}/in", allowed=((HOST, 443),)):
    return post(url, b"{}", {"X-One": "1"}, allowed=allowed)


@pytest.fixture
def names(monkeypatch):
    """What names stand for: a list of answers, one a lookup (the last one stays)."""
    answers = {HOST: [[PUBLIC]]}
    asked = []

    def getaddrinfo(host, port, *args, **kwargs):
        asked.append(host)
        found = answers[host]
        now = found.pop(0) if len(found) > 1 else found[0]
        kinds = [(socket.AF_INET6 if ":" in one else socket.AF_INET, one) for one in now]
        return [(kind, socket.SOCK_STREAM, 6, "", (one, port)) for kind, one in kinds]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    answers["asked"] = asked
    return answers


@pytest.fixture
def no_calls(monkeypatch):
    """Whoever connects fails the test."""

    def connect(*args, **kwargs):
        pytest.fail("it was called")

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1"),
        *(
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::",
            "::1",
            "fe80::1%eth0",
            "fc00::1",
            "fd00:ec2::254",
        ),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "fec0::1", "ff02::1"),
    ],
)
def test_inner_addresses_are_not_public(address, names, no_calls):
    assert not is_public(address)
    names[HOST] = [[PUBLIC, address]]  # one bad address among good ones is enough
    with pytest.raises(Forbidden, match="内部地址"):
        call()


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"])
def test_others_are(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/"),
        *("https://127.1/", "https://0x7f.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/"),
        *("https://localhost/", "https://hooks.example.com./", "https://hooks..example.com/"),
        *(
            "https://hooks.example.com@127.0.0.1/",
            "https://user:word@hooks.example.com/",
            "https://@hooks.example.com/",
        ),
        *(
            "http://hooks.example.com/",
            "ftp://hooks.example.com/",
            "//hooks.example.com/",
            "https:hooks.example.com",
        ),
        *("https://hooks.example.com:0/", "https://hooks.example.com:99999/", "https://hooks.example.com:/"),
        *(
            "https://hooks.example.com\\@127.0.0.1/",
            "https://hooks.example.com/#x",
            "https://hooks.example.com/a b",
        ),
        *(
            "https://hooks.example.com/\r\nX: 1",
            "https://hooks.example.com\n",
            "https://①②⑦.0.0.1/",
            "https://HOOKS.example.com/",
        ),
        *(
            "https://hooks.example.com/%zz\x00",
            "https://-a.example.com/",
            f"https://{'a' * 64}.example.com/",
            "",
        ),
    ],
)
def test_only_plain_names_by_https(url, names, no_calls):
    with pytest.raises(Forbidden):
        call(url)
    assert names["asked"] == []


@pytest.mark.parametrize(
    "url", ["https://other.example.com/", f"https://{HOST}:8443/", f"https://{HOST}.evil.com/"]
)
def test_hosts_and_ports_that_are_not_allowed_are_not_looked_up(url, names, no_calls):
    with pytest.raises(Forbidden, match="不在允许"):
        call(url)
    assert names["asked"] == []


def test_a_url_is_taken_apart():
    assert Target.parse("https://a.example.com") == Target("a.example.com", 443, "/")
    assert Target.parse("https://a.example.com:8443/x?y=1") == Target("a.example.com", 8443, "/x?y=1")


def test_a_name_that_changes_its_mind_gains_nothing(names, monkeypatch):
    """Public at the first lookup, inner at the second: there is no second, and no connection by name."""
    names[HOST] = [[PUBLIC], ["127.0.0.1"]]
    called = []

    def connect(self, address):
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    with pytest.raises(Unreachable):
        call()
    assert called == [(PUBLIC, 443)]
    assert names["asked"] == [HOST]


@pytest.fixture
def inside(names, monkeypatch):
    """Loopback taken for public, so that what follows the check can be tried on a real server."""
    monkeypatch.setattr(outbound, "is_public", lambda address: True)
    names[HOST] = [["127.0.0.1"]]


@pytest.fixture
def secure(inside, monkeypatch, tmp_path):
    """A server of the name, with a certificate that is trusted."""
    server, client = certificate(tmp_path, HOST)
    monkeypatch.setattr(outbound, "_context", lambda: client)
    with listening(server) as made:
        yield made


def over(listener, path="/in"):
    return call(f"https://{HOST}:{listener.port}{path}", {(HOST, listener.port)})


def test_a_call_keeps_name_certificate_and_words(secure):
    answer = over(secure, "/in?a=1")
    assert (answer.status, answer.is_good, answer.body) == (200, True, secure.body)
    got = secure.got[0]
    assert (got.path, got.body, got.headers["X-One"]) == ("/in?a=1", b"{}", "1")
    assert got.headers["Host"] == f"{HOST}:{secure.port}"


def test_a_certificate_of_another_name_is_not_trusted(inside, monkeypatch, tmp_path):
    server, client = certificate(tmp_path, "other.example.com")
    monkeypatch.setattr(outbound, "_context", lambda: client)
    with listening(server) as made, pytest.raises(Unreachable, match="证书不可信"):
        over(made)
    assert made.got == []


def test_a_certificate_of_nobody_is_not_trusted(inside, tmp_path):
    with listening(certificate(tmp_path, HOST)[0]) as made, pytest.raises(Unreachable, match="证书不可信"):
        over(made)


def test_without_tls_nothing_is_said(inside, listener):
    with pytest.raises(Unreachable):
        over(listener)
    assert listener.got == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(secure, listener, status):
    secure.status, secure.headers = status, {"Location": f"http://127.0.0.1:{listener.port}/"}
    assert over(secure).status == status
    assert listener.got == []


def test_a_huge_body_is_not_read(secure):
    secure.body = b"x" * 50_000_000
    start = time.monotonic()
    assert len(over(secure).body) == outbound.MOST_READ
    assert time.monotonic() - start < 5


def test_a_body_that_drips_does_not_hold_the_worker(secure, monkeypatch):
    monkeypatch.setattr(outbound, "DEADLINE", 1.0)
    secure.body, secure.drip = b"x" * 100, 0.2
    start = time.monotonic()
    answer = over(secure)
    assert (answer.status, answer.body) == (200, b"")
    assert time.monotonic() - start < 3


def test_a_server_that_says_nothing_is_left(secure, monkeypatch):
    monkeypatch.setattr(outbound, "DEADLINE", 0.5)
    secure.wait = 2
    with pytest.raises(Unreachable, match="没有及时"):
        over(secure)


def test_a_name_that_does_not_exist(monkeypatch):
    def getaddrinfo(*args, **kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    with pytest.raises(Unreachable, match="找不到"):
        call()
