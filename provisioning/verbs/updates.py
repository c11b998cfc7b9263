"""`hallward provision updates`: where devices that are made here fetch updates, and whose word they take."""

import argparse
from pathlib import Path
from typing import Final

from provisioning.errors import ConfigError
from provisioning.files import read_whole
from provisioning.updates import (
    MISSING,
    PORT,
    REPOSITORIES,
    UpdateRoot,
    UpdateService,
    keep_service,
    load_service,
    update_root,
    update_service,
)
from provisioning.verbs.asked import Verbs, add_authority, opened, verb

_NEEDED: Final = ("image_root", "director_root", "host")


def add(verbs: Verbs) -> None:
    updates = verb(
        verbs, "updates", _updates, "pin the two update roots in devices made from now on; alone: show them"
    )
    add_authority(updates)
    for repository in REPOSITORIES:
        updates.add_argument(
            f"--{repository}-root", type=Path, metavar="FILE", help=f"the officers' {repository}/N.root.json"
        )
    updates.add_argument("--host", help="where devices reach the fleet's update listener")
    updates.add_argument("--port", type=int, help=f"of that listener (default {PORT})")


def _updates(given: argparse.Namespace) -> int:
    opened(given)  # roots in a wrong folder would reach no device
    if not any(getattr(given, name) is not None for name in (*_NEEDED, "port")):
        return _show(load_service(given.authority))
    service = _service(given, load_service(given.authority))
    changed = keep_service(given.authority, service)
    _show(service)
    print(
        "compare both with what the officers wrote down; a desk that runs knows the address of its start: "
        "start it again"
        if changed
        else "all of it was there already"
    )
    return 0


def _service(given: argparse.Namespace, known: UpdateService | None) -> UpdateService:
    """What is not named stays as it is. Raises ConfigError."""
    if known is None and any(getattr(given, name) is None for name in _NEEDED):
        raise ConfigError("the first time all of it is needed: --image-root, --director-root and --host")
    image, director = (_root(given, known, repository) for repository in REPOSITORIES)
    host = given.host if known is None or given.host is not None else known.host
    port = given.port if given.port is not None else (known.port if known is not None else PORT)
    return update_service(host, port, image, director)


def _root(given: argparse.Namespace, known: UpdateService | None, repository: str) -> UpdateRoot:
    path: Path | None = getattr(given, f"{repository}_root")
    if path is not None:
        return update_root(read_whole(path, "the root"), str(path))
    if known is None:
        raise AssertionError("asked for above")
    return known.roots[repository]


def _show(service: UpdateService | None) -> int:
    if service is None:
        print(" / ".join(MISSING))
        return 1
    print(f"updates from {service.host}:{service.port}")
    for repository in REPOSITORIES:
        root = service.roots[repository]
        print(f"{repository} root, version {root.version}: SHA-256 {root.sha256}")
    return 0
