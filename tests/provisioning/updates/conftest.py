"""Roots as officers make them, and an authority that has pinned them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root

from provisioning.__main__ import main

Made = Callable[..., Path]


def root_bytes(version: int = 1) -> bytes:
    """Signed metadata of TUF, as python-tuf writes them."""
    root = Metadata(Root(version=version, expires=datetime(2030, 1, 1, tzinfo=UTC)))
    root.sign(CryptoSigner(ed25519.Ed25519PrivateKey.generate()))
    return root.to_bytes()


def changed(content: bytes, **signed: Any) -> bytes:
    found = json.loads(content)
    found["signed"] |= signed
    return json.dumps(found).encode()


@pytest.fixture
def roots(tmp_path: Path) -> dict[str, Path]:
    """By repository."""
    made = {}
    for repository in ("image", "director"):
        made[repository] = tmp_path / f"{repository}-1.root.json"
        made[repository].write_bytes(root_bytes())
    return made


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """An authority's folder without updates."""
    desk, store = (ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(2))
    folder = tmp_path / "authority"
    words = ["hall", "hall-1", "--congress", "congress-9", "--authority", str(folder)]
    assert main([*words, "--desk", desk.hex(), "--store", store.hex()]) == 0
    return folder


@pytest.fixture
def pinned(hall: Path, roots: dict[str, Path]) -> Path:
    """With them."""
    assert main(pinning(hall, roots)) == 0
    return hall


def pinning(hall: Path, roots: dict[str, Path], *more: object) -> list[str]:
    words = ["updates", "--authority", hall, "--host", "10.0.0.2", *more]
    for repository, path in roots.items():
        words += [f"--{repository}-root", path]
    return [str(word) for word in words]
