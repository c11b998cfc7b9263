"""Whose account: the address of the API and the token. The token is never printed, kept or put in argv."""

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from provisioning.errors import ConfigError

CLOUD: Final = "balena-cloud.com"
TOKEN_VARIABLE: Final = "BALENA_API_KEY"  # noqa: S105 - the name of a variable
CA_VARIABLE: Final = "REQUESTS_CA_BUNDLE"
TOKEN_BYTES_MAX: Final = 4096
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]{8,4096}")
_DOMAIN: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_HOST_RANGE: Final = (
    f"a domain as {CLOUD} or the one of your openBalena, or the whole address of its API as https://host:port"
)


@dataclass(frozen=True, slots=True)
class Account:
    """api: the base address, ends in `/`. ca: who vouches for it, PEM; None: the system's authorities."""

    api: str
    token: str = field(repr=False)
    ca: Path | None = None


def api_address(host: str) -> str:
    """balena serves its API at `https://api.{host}/`, openBalena as well. Plain http goes nowhere but to this
    machine, for a token must not cross a network in the clear. Raises ConfigError."""
    if "://" not in host:
        if not _DOMAIN.fullmatch(host):
            raise ConfigError(f"--host must be {_HOST_RANGE}, got {host!r:.80}")
        return f"https://api.{host}/"
    try:
        parts = urlsplit(host)
        _ = parts.port
    except ValueError:
        raise ConfigError(f"--host must be {_HOST_RANGE}, got {host!r:.80}") from None
    bare = parts.path in ("", "/") and not parts.query and not parts.fragment and parts.username is None
    if parts.scheme not in ("https", "http") or not parts.hostname or not bare:
        raise ConfigError(f"--host must be {_HOST_RANGE}, got {host!r:.80}")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigError(f"--host {host!r:.80} would send the token in the clear: write https://")
    return f"{parts.scheme}://{parts.netloc}/"


def token_of(environment: Mapping[str, str], file: Path | None) -> str:
    """From the file if one is named, otherwise from BALENA_API_KEY. Raises ConfigError."""
    if file is not None:
        return _token(_private(file), str(file))
    found = environment.get(TOKEN_VARIABLE)
    if not found:
        raise ConfigError(f"set {TOKEN_VARIABLE}, or name a file of mode 600 with --token-file")
    return _token(found, TOKEN_VARIABLE)


def account(
    host: str, *, environment: Mapping[str, str], token_file: Path | None = None, ca: Path | None = None
) -> Account:
    """ca: as REQUESTS_CA_BUNDLE when not named. Raises ConfigError."""
    if ca is None and (bundle := environment.get(CA_VARIABLE)):
        ca = Path(bundle)
    if ca is not None and not ca.is_file():
        raise ConfigError(f"{ca} is not there: name the PEM file of the authority of your openBalena")
    return Account(api_address(host), token_of(environment, token_file), ca)


def _private(file: Path) -> str:
    """One reader: what is checked is what is read."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as err:
        raise ConfigError(f"the token's file {file} cannot be read: {err.strerror}") from None
    with os.fdopen(descriptor, "rb") as opened:
        kind = os.fstat(opened.fileno())
        if not stat.S_ISREG(kind.st_mode) or kind.st_mode & 0o077:
            raise ConfigError(f"the token's file {file} must be an ordinary file for you alone: chmod 600 it")
        content = opened.read(TOKEN_BYTES_MAX + 2)
    try:
        return content.decode("ascii")
    except UnicodeDecodeError:
        return ""


def _token(text: str, where: str) -> str:
    token = text.strip()
    if not _TOKEN.fullmatch(token):
        raise ConfigError(
            f"{where} holds no token of balena: 8 to {TOKEN_BYTES_MAX} of A-Z, a-z, 0-9 and ._~+/=-"
        )
    return token
