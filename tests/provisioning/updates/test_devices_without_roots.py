"""Every way to make a device brings it the pinned roots and where updates come from, or says so when not."""

import importlib.util
from pathlib import Path

import pytest

from edge.device.adapters.device_folder import DeviceFolder, read_folder
from edge.device.claim.grant import merged
from edge.device.claim.seed import parse_seed
from edge.device.config import HARDWARE, DeviceConfig, UpdateAddress, parse_config
from edge.device.errors import ConfigError as DeviceConfigError
from provisioning.__main__ import main
from provisioning.backends.balena.project import KINDS, TEMPLATES, write_project
from provisioning.desk.settings import settings_text
from provisioning.hall import load_card
from provisioning.media.boot_files import boot_files
from provisioning.media.device_class import device_class
from provisioning.media.order import MediumOrder
from provisioning.updates import REPOSITORIES, load_service, root_file, roots_in
from tests.edge.device.claim.test_boot_medium_is_taken_over import UNITS, boot
from tests.provisioning.authority.roots import file_root
from tests.provisioning.conftest import World
from tests.provisioning.updates.conftest import root_bytes
from wire.ids import DeviceId

Said = pytest.CaptureFixture[str]


def device(authority: Path, folder: Path, *more: str) -> list[str]:
    words = ["device", "keypad-1", "--role", "keypad", "--authority", str(authority), "--folder", str(folder)]
    return [*words, *more]


def pins(folder: DeviceFolder) -> dict[str, bytes]:
    """Where the firmware looks for them."""
    return {name: path.read_bytes() for name, path in folder.update_roots.items()}


def of(authority: Path) -> dict[str, bytes]:
    return {name: root.content for name, root in roots_in(authority / "update").items()}


# -- the folder -------------------------------------------------------------------------------------------


def test_a_folder_made_here_is_one_that_the_firmware_updates_from(pinned: Path, tmp_path: Path) -> None:
    assert main(device(pinned, tmp_path / "k")) == 0
    found = read_folder(tmp_path / "k", "keypad")
    assert found.identity.config.update == UpdateAddress("10.0.0.2", 8884, HARDWARE["keypad"])
    assert pins(found) == of(pinned)


def test_another_kind_of_hardware_is_said_by_name(pinned: Path, tmp_path: Path) -> None:
    assert main(device(pinned, tmp_path / "k", "--hardware", "keypad-pi4")) == 0
    update = read_folder(tmp_path / "k", "keypad").identity.config.update
    assert update is not None
    assert update.hardware == "keypad-pi4"
    assert main(device(pinned, tmp_path / "l", "--hardware", "Keypad Four")) == 78
    assert not (tmp_path / "l").exists()


def test_without_roots_the_device_is_made_and_it_is_said(hall: Path, tmp_path: Path, capsys: Said) -> None:
    assert main(device(hall, tmp_path / "k")) == 0
    assert "run `hallward provision updates`" in capsys.readouterr().out
    assert read_folder(tmp_path / "k", "keypad").identity.config.update is None


def test_made_again_it_follows_newer_roots_and_refuses_foreign_ones(
    pinned: Path, tmp_path: Path, capsys: Said
) -> None:
    assert main(device(pinned, tmp_path / "k")) == 0
    newer = tmp_path / "2.root.json"
    newer.write_bytes(root_bytes(2))
    assert main(["updates", "--authority", str(pinned), "--image-root", str(newer)]) == 0
    assert main(device(pinned, tmp_path / "k")) == 0
    assert pins(read_folder(tmp_path / "k", "keypad")) == of(pinned)
    (pinned / root_file("image")).write_bytes(root_bytes(2))
    assert main(device(pinned, tmp_path / "k")) == 78
    assert "pins another root" in capsys.readouterr().err


# -- the boot medium ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_the_roots_of_a_medium_reach_the_folder_before_the_claim(
    pinned: Path, tmp_path: Path, unit: Path
) -> None:
    roots = {root_file(name): content for name, content in of(pinned).items()}
    kind = device_class("gate")
    order = MediumOrder(kind=kind, root=b"", hardware=kind.hardware, update_roots=roots)
    medium, folder = tmp_path / "medium", tmp_path / "folder"
    folder.mkdir()
    for name, content in boot_files(order).items():
        if name.startswith("hallward/"):
            path = medium / name.removeprefix("hallward/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    assert boot(unit, medium, folder) == 0
    assert {name: (folder / root_file(name)).read_bytes() for name in REPOSITORIES} == of(pinned)


def test_a_medium_is_written_with_roots_and_without_them_it_says_so(
    pinned: Path, tmp_path: Path, capsys: Said, root_certificate: Path
) -> None:
    card = tmp_path / "bootfs"
    card.mkdir()
    for name in ("config.txt", "cmdline.txt"):
        (card / name).write_text("")
    words = ["image", "--class", "keypad", "--root", str(root_certificate), str(card)]
    assert main(words) == 0
    assert "it has no update roots" in capsys.readouterr().out
    assert main([*words, "--update-roots", str(pinned / "update")]) == 0
    assert "it has no update roots" not in capsys.readouterr().out
    found = {name: (card / "hallward" / root_file(name)).read_bytes() for name in REPOSITORIES}
    assert found == of(pinned)
    assert main([*words, "--update-roots", str(tmp_path / "nowhere")]) == 78


@pytest.fixture
def root_certificate(tmp_path: Path, world: World) -> Path:
    """Of an offline root: what a medium wants."""
    return file_root(tmp_path / "root", world).path / "root.crt"


# -- the claim ----------------------------------------------------------------------------------------------


def claimed(authority: Path, hardware: str = "") -> DeviceConfig:
    """As a machine keeps what the desk grants."""
    card, service = load_card(authority), load_service(authority)
    settings = settings_text(card, DeviceId("keypad-1"), "keypad", ("desk.hall", 8444), {}, service)
    seed = parse_seed('role = "keypad"\n', "seed.toml", hardware)
    return parse_config(merged(settings, seed), "device.toml")


def test_a_grant_says_where_updates_come_from(pinned: Path) -> None:
    assert claimed(pinned).update == UpdateAddress("10.0.0.2", 8884, HARDWARE["keypad"])


def test_what_the_machine_is_made_of_is_its_own_word(pinned: Path) -> None:
    found = claimed(pinned, '[update]\nhardware = "keypad-pi4"\n').update
    assert found == UpdateAddress("10.0.0.2", 8884, "keypad-pi4")


def test_a_hall_without_updates_grants_none_whatever_the_hardware(hall: Path) -> None:
    assert claimed(hall).update is None
    assert claimed(hall, '[update]\nhardware = "keypad-pi4"\n').update is None


def test_a_medium_says_nothing_of_whom_to_update_from(pinned: Path) -> None:
    with pytest.raises(DeviceConfigError):
        claimed(pinned, '[update]\nhost = "elsewhere"\n')


# -- a container --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_container_brings_its_roots_as_files_of_the_image(pinned: Path, tmp_path: Path, kind: str) -> None:
    words = ["balena", "project", str(tmp_path / "p"), "--kind", kind]
    assert main([*words, "--update-roots", str(pinned / "update")]) == 0
    image = tmp_path / "p" / kind
    assert "COPY life.py *.root.json /opt/hallward/\n" in (image / "Dockerfile.template").read_text()
    spec = importlib.util.spec_from_file_location("life", image / "life.py")
    assert spec is not None
    assert spec.loader is not None
    life = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(life)
    folder = tmp_path / "folder"
    folder.mkdir()
    variables = {"BALENA_DEVICE_UUID": "0123456789abcdef", "HALLWARD_ROOT": "BEGIN CERTIFICATE"}
    life.write_seed(kind, folder, variables)
    assert {name: (folder / root_file(name)).read_bytes() for name in REPOSITORIES} == of(pinned)
    assert (folder / "seed.toml").exists()


@pytest.mark.slow
def test_a_project_written_again_without_roots_has_none(pinned: Path, tmp_path: Path) -> None:
    content = {f"{name}.root.json": content for name, content in of(pinned).items()}
    write_project(tmp_path / "p", "keypad", update_roots=content)
    write_project(tmp_path / "p", "keypad")
    assert not list((tmp_path / "p").rglob("*.root.json"))
    spec = importlib.util.spec_from_file_location("life", TEMPLATES / "life.py")
    assert spec is not None
    assert spec.loader is not None
    life = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(life)
    variables = {"BALENA_DEVICE_UUID": "0123456789abcdef", "HALLWARD_ROOT": "BEGIN CERTIFICATE"}
    (tmp_path / "folder").mkdir()
    life.write_seed("keypad", tmp_path / "folder", variables)
    assert {path.name for path in (tmp_path / "folder").iterdir()} == {"root.crt", "seed.toml"}
