"""`hallward provision image`: what a blank card, or a stick beside it, needs to become a device."""

import argparse
from pathlib import Path
from typing import Final

from provisioning.errors import ConfigError
from provisioning.files import read_whole
from provisioning.media.adapters.mounted import MountedPartition
from provisioning.media.adapters.mtools import SIZE_MIB, FatImage
from provisioning.media.boot_files import MEDIUM_LABEL, boot_files
from provisioning.media.device_class import CLASSES, DeviceClass, device_class
from provisioning.media.order import (
    LANGUAGES,
    MediumOrder,
    Wifi,
    desk_of,
    hardware_of,
    ntp_of,
    root_of,
    token_of,
    wifi_of,
)
from provisioning.media.writing import Medium, write_medium
from provisioning.updates import root_file, roots_in
from provisioning.verbs.asked import Verbs, secret_of, verb

WIFI_VARIABLE: Final = "HALLWARD_WIFI_PASSPHRASE"


def add(verbs: Verbs) -> None:
    image = verb(verbs, "image", _image, "prepare the boot medium of a device")
    image.add_argument(
        "target", type=Path, nargs="?", metavar="TARGET", help="a card's boot partition, mounted"
    )
    image.add_argument("--fat-image", type=Path, metavar="FILE", help="an image of a FAT32 volume instead")
    image.add_argument(
        "--size", type=int, default=SIZE_MIB, metavar="MIB", help=f"of that image ({SIZE_MIB})"
    )
    image.add_argument("--class", dest="role", required=True, choices=CLASSES, help="class of the device")
    image.add_argument(
        "--root",
        type=Path,
        required=True,
        metavar="FILE",
        help="certificate of the root, PEM: whom it believes",
    )
    image.add_argument(
        "--update-roots",
        type=Path,
        metavar="DIR",
        help="the folder `update` of the hall's authority, or a copy: whose updates it believes",
    )
    image.add_argument("--desk", metavar="HOST:PORT", help="the provisioning desk (default: found by mDNS)")
    image.add_argument("--token-file", type=Path, metavar="FILE", help="a claim token of the desk, one line")
    image.add_argument("--language", choices=LANGUAGES, help="before the hall says which (default: both)")
    image.add_argument("--hardware", type=Path, metavar="FILE", help="how it is wired (default: the class's)")
    image.add_argument("--ntp", metavar="HOST", help="the hall's time server (default: the desk)")
    image.add_argument("--wifi-ssid", metavar="NAME", help=f"its passphrase is read from {WIFI_VARIABLE}")
    image.add_argument(
        "--wifi-passphrase-file", type=Path, metavar="FILE", help="or from the one line of this file"
    )
    image.add_argument("--wifi-country", metavar="CC", help="two letters (default: the class's)")
    image.add_argument("--replace", action="store_true", help="what another tool set up there goes")


def _image(given: argparse.Namespace) -> int:
    medium = _medium(given)
    write_medium(medium, boot_files(_order(given)), replaces=given.replace)
    print(
        f"{given.role}: {given.target or given.fat_image} is ready; eject it, then start the device with it"
    )
    if given.desk is None:
        print("it looks for its desk by mDNS: the desk must be in the same network segment, or say --desk")
    if given.update_roots is None:
        print("it has no update roots, and cannot be updated from the hall: say --update-roots DIR")
    if given.token_file is not None or given.wifi_ssid is not None:
        print("whoever holds it can read the token and the Wi-Fi key: keep it as you keep keys")
    return 0


def _medium(given: argparse.Namespace) -> Medium:
    if (given.target is None) == (given.fat_image is None):
        raise ConfigError("say where to write: a mounted boot partition, or --fat-image FILE, and not both")
    if given.fat_image is not None:
        return FatImage(given.fat_image, label=MEDIUM_LABEL, size_mib=given.size)
    return MountedPartition(given.target)


def _order(given: argparse.Namespace) -> MediumOrder:
    kind = device_class(given.role)
    desk = desk_of(given.desk) if given.desk else None
    told = read_whole(given.hardware, "the wiring") if given.hardware else kind.hardware.encode()
    return MediumOrder(
        kind=kind,
        root=root_of(read_whole(given.root, "the root"), str(given.root)),
        hardware=hardware_of(told, str(given.hardware or "hardware.toml"), kind.role),
        desk=desk,
        token=token_of(read_whole(given.token_file, "the token"), str(given.token_file))
        if given.token_file
        else None,
        language=given.language,
        wifi=_wifi(given, kind) if given.wifi_ssid else None,
        ntp=ntp_of(given.ntp) if given.ntp else (desk[0] if desk else None),
        update_roots=_update_roots(given.update_roots) if given.update_roots else {},
    )


def _update_roots(folder: Path) -> dict[str, bytes]:
    return {root_file(repository): root.content for repository, root in roots_in(folder).items()}


def _wifi(given: argparse.Namespace, kind: DeviceClass) -> Wifi:
    if given.wifi_passphrase_file is None:
        passphrase = secret_of(WIFI_VARIABLE, f"passphrase of the Wi-Fi {given.wifi_ssid}")
    else:
        content = read_whole(given.wifi_passphrase_file, "the passphrase")
        passphrase = content.decode(errors="replace").rstrip("\r\n")
    return wifi_of(given.wifi_ssid, passphrase, given.wifi_country or kind.country)
