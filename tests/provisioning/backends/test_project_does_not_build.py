"""The folders for `balena push`, read as strictly as we can without a builder: no image is built here."""

import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from provisioning.backends.balena.project import KINDS, PROGRAMS, ROOT, write_project
from provisioning.errors import ConfigError
from tests.provisioning.backends.yaml_subset import parse

pytestmark = pytest.mark.slow

SERVICE_FIELDS = {
    "build", "cap_drop", "devices", "group_add", "healthcheck", "labels", "mem_limit", "pids_limit",
    "read_only", "restart", "security_opt", "stop_grace_period", "tmpfs", "ulimits", "user", "volumes",
}  # fmt: skip
"""All of balena's subset of compose 2.4; those that we use."""
LABELS = {"io.balena.features.sysfs", "io.balena.features.supervisor-api", "io.balena.features.dbus"}
INSTRUCTIONS = {"FROM", "RUN", "WORKDIR", "ENV", "COPY", "USER", "ENTRYPOINT", "CMD"}
ADDRESS = re.compile(r"[a-z]+://")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(tmp_path: Path, kind: str) -> Path:
    write_project(tmp_path / kind, kind)
    return tmp_path / kind


def compose_of(project: Path) -> Any:
    return parse((project / "docker-compose.yml").read_text("utf-8"))


def instructions(project: Path, kind: str) -> list[tuple[str, str]]:
    text = (project / kind / "Dockerfile.template").read_text("utf-8")
    joined = text.replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def test_compose_uses_what_balena_supports_and_nothing_of_the_host(project: Path, kind: str) -> None:
    compose = compose_of(project)
    assert set(compose) == {"version", "volumes", "services"}
    assert compose["version"] == "2.4"
    assert set(compose["services"]) == {kind}
    service = compose["services"][kind]
    assert set(service) <= SERVICE_FIELDS
    assert set(service["labels"]) <= LABELS
    for volume in service["volumes"]:
        name, _, target = volume.partition(":")
        assert name in compose["volumes"], "a named volume: balena has no bind mounts"
        assert target.startswith("/var/lib/")
    assert all(re.fullmatch(r"/dev/[a-z0-9.-]+:/dev/[a-z0-9.-]+", device) for device in service["devices"])


def test_the_container_may_as_little_as_its_work_allows(project: Path, kind: str) -> None:
    service = compose_of(project)["services"][kind]
    assert service["read_only"] is True
    assert service["user"] == "hallward"
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges"]
    assert service["ulimits"] == {"core": 0}, "a secret choice lives in memory (HV-1 rule 10)"
    assert "privileged" not in service
    assert service["mem_limit"].endswith("m")
    assert all(mount.startswith(("/run/hallward:", "/tmp/hallward:")) for mount in service["tmpfs"])  # noqa: S108


def test_its_health_is_asked_of_a_file_that_is_in_the_image(project: Path, kind: str) -> None:
    test = compose_of(project)["services"][kind]["healthcheck"]["test"]
    assert test[0] == "CMD"
    copied = [rest for word, rest in instructions(project, kind) if word == "COPY"]
    assert f"life.py *.root.json {test[2].removesuffix('life.py')}" in copied
    assert any(rest.endswith(test[1].removesuffix("/bin/python")) for rest in copied)


def test_balena_yml_names_types_of_64_bits(project: Path, kind: str) -> None:
    about = parse((project / "balena.yml").read_text("utf-8"))
    assert set(about) == {"name", "type", "description", "version", "data"}
    assert about["type"] == "sw.application"
    assert (
        about["version"] == tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    )
    assert about["data"]["defaultDeviceType"] in about["data"]["supportedDeviceTypes"]
    assert all("64" in name for name in about["data"]["supportedDeviceTypes"])


def test_every_source_of_the_image_is_in_its_folder(project: Path, kind: str) -> None:
    for word, rest in instructions(project, kind):
        assert word in INSTRUCTIONS
        if word == "COPY" and not rest.startswith("--from=build "):
            *sources, _ = rest.split()
            for source in sources:
                assert ".." not in source
                # What is there with update roots alone: the builder wants one of a line's sources at least.
                assert (project / kind / source).exists() or source == "*.root.json", source
        if word in ("CMD", "ENTRYPOINT"):
            assert json.loads(rest)


def test_only_the_extra_of_its_kind_is_installed_by_hash(project: Path, kind: str) -> None:
    pips = [shlex.split(rest) for word, rest in instructions(project, kind) if rest.startswith("pip ")]
    locks = [words[-1] for words in pips if "-r" in words]
    assert locks == ["requirements/build-py311.txt", f"requirements/{kind}-py311.txt"]
    assert all("--require-hashes" in words for words in pips if "-r" in words)
    assert pips[-1] == ["pip", "install", "--no-deps", "--no-build-isolation", "."]
    assert len(pips) == 3
    assert (
        kind
        in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    )
    for lock in locks:
        assert (project / kind / lock).read_bytes() == (ROOT / lock).read_bytes()


def test_an_unfit_processor_is_refused_when_it_is_built(project: Path, kind: str) -> None:
    (guard,) = [rest for word, rest in instructions(project, kind) if word == "RUN" and "%%" in rest]
    for arch, status in (("aarch64", 0), ("amd64", 0), ("armv7hf", 1), ("rpi", 1)):
        script = guard.replace("%%BALENA_ARCH%%", arch)
        assert "%%" not in script
        found = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=False, text=True)
        assert found.returncode == status, found.stderr


def test_no_address_and_no_secret_stands_in_it(project: Path) -> None:
    for path in project.rglob("*"):
        if path.suffix in (".yml", ".template", ".txt"):
            assert not ADDRESS.search(path.read_text("utf-8")), path
    assert not [path.name for path in project.rglob("*") if path.suffix in (".key", ".crt", ".pem", ".db")]


def test_the_firmware_starts_from_what_is_copied_alone(project: Path, kind: str) -> None:
    """Whatever of ours it loads comes from the folder, and no test, fleet or other firmware is in it."""
    module = PROGRAMS[kind].replace("/", ".")
    code = (
        f"import sys; sys.path.insert(0, {str(project / kind)!r}); import {module}.app, {module}.commands;"
        "ours = {'ballot', 'durable', 'edge', 'fleet', 'hallward', 'models', 'provisioning', 'wire'};"
        "loaded = [m for n, m in sys.modules.items() if n.split('.')[0] in ours];"
        "print(*{m.__file__ for m in loaded if m.__file__}, sep='\\n')"
    )
    found = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True, text=True)
    loaded = found.stdout.split()
    assert len(loaded) > 20
    assert all(Path(name).is_relative_to(project / kind) for name in loaded)
    names = {path.name for path in (project / kind).iterdir()}
    assert names == {
        "Dockerfile.template",
        "ballot",
        "durable",
        "edge",
        "life.py",
        "pyproject.toml",
        "requirements",
        "wire",
    }
    assert {path.name for path in (project / kind / "edge").iterdir()} == {
        "__init__.py",
        "device",
        PROGRAMS[kind].removeprefix("edge/"),
    }


def test_written_again_is_the_same_and_what_is_not_ours_is_kept(
    tmp_path: Path, project: Path, kind: str
) -> None:
    before = sorted(path.relative_to(project) for path in project.rglob("*"))
    (project / kind / "left-over.py").write_text("")
    write_project(project, kind)
    assert sorted(path.relative_to(project) for path in project.rglob("*")) == before
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "letter").write_text("dear")
    with pytest.raises(ConfigError, match="something else"):
        write_project(theirs, kind)
    assert (theirs / "letter").read_text() == "dear"


def test_without_the_repository_nothing_is_written(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigError, match="whole repository"):
        write_project(tmp_path / "project", kind, tmp_path / "nowhere")
    assert not list(tmp_path.iterdir())
