"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Command:
    """What to run: arguments, environment (None: ours), system user (None: ours), log file (None: ours)."""

    args: Sequence[str]
    env: Mapping[str, str] | None = None
    user: pwd.struct_passwd | None = None
    log: Path | None = None
    stop_signal: int = signal.SIGTERM


@dataclass(frozen=True)
class Child:
    """A started process, leader of its own session, so that a Ctrl-C in the terminal reaches only us."""

    name: str
    popen: "subprocess.Popen[bytes]"
    stop_signal: int

    def ask(self) -> None:
        """Ask it to stop, without waiting; harmless when it has stopped."""
        if self.popen.poll() is None:
            self.popen.send_signal(self.stop_signal)

    def stop(self, timeout: float = 15) -> None:
        """Ask it to stop; after ``timeout`` seconds, and for what it left behind, insist."""
        if self.popen.poll() is None:
            self.ask()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.popen.wait(timeout)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()


def start(name: str, command: Command, *, stdin: bytes | None = None) -> Child:
    """Start a child that gets its stop signal when we die, even by SIGKILL."""
    output = open(command.log, "ab") if command.log else None  # noqa: SIM115
    try:
        popen = subprocess.Popen(
            list(command.args),
            env=command.env,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=_dies_with_parent(command.stop_signal),  # noqa: PLW1509
            **identity(command.user),
        )
    finally:
        if output:
            output.close()
    if stdin is not None and popen.stdin:
        popen.stdin.write(stdin)
        popen.stdin.close()
    return Child(name, popen, command.stop_signal)


def identity(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Arguments of ``subprocess`` that run a process as ``user``, in a folder that the user can read."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


def _dies_with_parent(stop_signal: int) -> Callable[[], None] | None:
    return (lambda: _libc.prctl(PR_SET_PDEATHSIG, stop_signal) and None) if _libc else None


def free_port() -> int:
    """A TCP port of this machine that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def log_end(log: Path, lines: int = 5) -> str:
    """The last lines of a log file, for an error message."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
