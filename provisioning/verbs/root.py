"""`hallward provision root`: the offline root, and what it signs for halls."""

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from provisioning.authority.adapters.pkcs11_root import TokenAddress
from provisioning.authority.forms import certificates_of, common_name, fingerprint
from provisioning.authority.root import ANSWER_BYTES_MAX, read_hall_request
from provisioning.authority.root_folder import (
    CERTIFICATE_FILE,
    KEY_FILE,
    LIST_FILE,
    KeyPlace,
    RootFolder,
    create_root_folder,
    open_root,
    read_place,
)
from provisioning.errors import ConfigError
from provisioning.files import PUBLIC, is_file, read_whole, write_whole
from provisioning.verbs.asked import Verbs, means, secret_of, verb

PASSPHRASE_VARIABLE: Final = "HALLWARD_ROOT_PASSPHRASE"  # noqa: S105 - the name of a variable
PIN_VARIABLE: Final = "HALLWARD_TOKEN_PIN"


def add(verbs: Verbs) -> None:
    root = verb(verbs, "root", _root, "make the offline root of all halls, and sign with it")
    root.add_argument("folder", type=Path, help="the root's folder, on a machine without a network")
    root.add_argument("--name", default="Hallward root", help="name in the root's certificate")
    root.add_argument("--module", type=Path, help="keep the key in a PKCS #11 token: its module")
    root.add_argument("--token", help="label of the token")
    root.add_argument("--key", default="hallward-root", help="label of the key in the token")
    act = root.add_mutually_exclusive_group()
    act.add_argument("--sign", type=Path, metavar="FILE", help="sign this request of a hall")
    act.add_argument("--revoke", type=Path, metavar="FILE", help="take this intermediate.crt back")
    root.add_argument("--out", type=Path, metavar="FILE", help="where the answer to a request is written")


def opened_root(folder: Path) -> RootFolder:
    """The passphrase or the PIN comes from the environment or is asked for. Raises ConfigError,
    AuthorityError."""
    place = read_place(folder)
    return open_root(folder, _secret(place), means())


def request_of(path: Path) -> bytes:
    """Raises ConfigError."""
    content = read_whole(path, "the request")
    if len(content) > ANSWER_BYTES_MAX:
        raise ConfigError(f"{path} is too large for a request: name the file that the hall wrote")
    return content


def _root(given: argparse.Namespace) -> int:
    if (given.sign is None) != (given.out is None):
        raise ConfigError("--sign FILE and --out FILE belong together: name the request and its answer")
    if given.sign is not None:
        return _sign(given.folder, given.sign, given.out)
    if given.revoke is not None:
        return _revoke(given.folder, given.revoke)
    folder = _made(given)
    print(f"root {folder.path / CERTIFICATE_FILE}, key {_print_of(folder)}")
    print("write this fingerprint into the minutes, and copy root.crt to whoever makes boot media")
    return 0


def _made(given: argparse.Namespace) -> RootFolder:
    if (given.module is None) != (given.token is None):
        raise ConfigError("--module and --token belong together: name the token's module and its label")
    token = TokenAddress(given.module, given.token, given.key) if given.module is not None else None
    place = KeyPlace(token)
    is_new_key = token is None and not is_file(given.folder / KEY_FILE)
    return create_root_folder(given.folder, place, _secret(place, twice=is_new_key), given.name, means())


def _sign(folder: Path, request: Path, out: Path) -> int:
    content = request_of(request)
    hall, key = read_hall_request(content)
    print(f"hall {hall}, key {fingerprint(key)}: compare with what the hall printed")
    answer = opened_root(folder).sign(content)
    write_whole(out, answer.pem(), PUBLIC)
    print(f"{out}: good until {answer.intermediate.not_valid_after_utc:%Y-%m-%d}; bring it to the hall")
    return 0


def _revoke(folder: Path, path: Path) -> int:
    opened = opened_root(folder)
    for intermediate in certificates_of(read_whole(path, "the intermediate"), str(path)):
        opened.revoke(intermediate)
        key = fingerprint(intermediate.public_key())
        print(f"{common_name(intermediate.subject)}, key {key}, is taken back")
    print(f"{folder / LIST_FILE} goes to every hall with its next answer")
    return 0


def _secret(place: KeyPlace, *, twice: bool = False) -> str:
    if place.token is not None:
        return secret_of(PIN_VARIABLE, f"PIN of the token {place.token.token}")
    found = secret_of(PASSPHRASE_VARIABLE, "passphrase of the root")
    asked = os.environ.get(PASSPHRASE_VARIABLE) is None and sys.stdin.isatty()
    if twice and asked and secret_of(PASSPHRASE_VARIABLE, "the same passphrase again") != found:
        raise ConfigError("the two passphrases differ, nothing was made: try again")
    return found


def _print_of(folder: RootFolder) -> str:
    return fingerprint(folder.certificate.public_key())
