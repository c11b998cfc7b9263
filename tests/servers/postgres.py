"""A private PostgreSQL: Debian's binaries, a temporary folder, an unprivileged user, a free loopback port."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Final

import psycopg

from tests.servers.missing import skip_or_fail
from tests.servers.ports import free_port
from tests.servers.waiting import wait_until

START_S: Final = 30.0
USER: Final = "hallward"


def find_binaries() -> Path | None:
    """The folder of the newest installed PostgreSQL server, or None: Debian keeps it off PATH."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("initdb")
    return Path(found).parent if found else None


class PostgresCluster:
    """Started by `start`, removed by `stop`. Every `new_database` is empty and its own."""

    def __init__(self) -> None:
        binaries = find_binaries()
        if binaries is None:
            skip_or_fail("PostgreSQL", "postgresql")
        self._binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="hallward-postgres-"))
        self._data = self.folder / "data"
        self._password = secrets.token_urlsafe(12)
        self._as_user: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        self.port = free_port()

    @property
    def pid(self) -> int | None:
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Make the cluster on the first call, start the server, return when it answers."""
        if not self._data.exists():
            self._initialise()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "60",
            "logging_collector": "off",
        }
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._as_user, str(self._binaries / "postgres"), "-D", str(self._data), *settings],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        wait_until(self._answers, "PostgreSQL answers", timeout_s=START_S)

    def stop(self) -> None:
        """Fast shutdown; the data stay for another `start`."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(30)

    def kill(self) -> None:
        """Immediate shutdown: nothing is written any more, as in a power cut."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(signal.SIGQUIT)
            process.wait(30)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's form."""
        return f"postgresql+psycopg://{USER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """URL of an empty database of its own."""
        name = f"hall_{secrets.token_hex(6)}"
        with self._connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop_database(self, url: str) -> None:
        with self._connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[-1]}" WITH (FORCE)')

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=USER,
            password=self._password,
            dbname="postgres",
            autocommit=True,
            connect_timeout=3,
        )

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            tail = (self.folder / "server.log").read_text(encoding="utf-8", errors="replace")[-800:]
            raise AssertionError(f"PostgreSQL ended at its start: {tail}")
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _initialise(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self._password, encoding="ascii")
        if os.geteuid() == 0:
            account = _unprivileged()
            for path in (self.folder, password_file):
                os.chown(path, account.pw_uid, account.pw_gid)
            self._as_user = [
                *("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups", "--")
            ]
        subprocess.run(
            [
                *self._as_user,
                str(self._binaries / "initdb"),
                *("-D", str(self._data), "-U", USER, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"),
                *("--auth=scram-sha-256", f"--pwfile={password_file}"),
            ],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _unprivileged() -> pwd.struct_passwd:
    """Whom the server runs as when the tests run as root, since it refuses to be root."""
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
