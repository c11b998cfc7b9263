"""`hallward provision hall`: a hall's authority, and the tls folder of its server."""

import argparse
from pathlib import Path

from provisioning import commands
from provisioning.authority.folder import AuthorityFolder
from provisioning.authority.forms import fingerprint
from provisioning.authority.root import read_answer
from provisioning.files import PUBLIC, read_whole, write_whole
from provisioning.hall import HallCard, Trust, key_from_hex
from provisioning.verbs.asked import Verbs, add_authority, means, verb
from provisioning.verbs.root import opened_root
from wire.ids import CongressId, HallId


def add(verbs: Verbs) -> None:
    hall = verb(verbs, "hall", _hall, "make a hall's authority, and the tls folder of its server")
    add_authority(hall)
    hall.add_argument("hall", help="name of the hall")
    hall.add_argument("--congress", required=True, help="name of the congress")
    hall.add_argument("--desk", required=True, metavar="HEX", help="public key of the fleet's desk")
    hall.add_argument("--store", required=True, metavar="HEX", help="public key of the fleet's store")
    hall.add_argument("--registrar", metavar="HEX", help="public key that signs badges (default: the desk's)")
    hall.add_argument("--broker-host", default="127.0.0.1", help="where devices reach the broker")
    hall.add_argument("--broker-port", type=int, default=8883)
    hall.add_argument("--fleet-tls", type=Path, metavar="DIR", help="the tls folder of the fleet's data")
    hall.add_argument("--name", action="append", default=[], help="another name of the broker's host")
    way = hall.add_mutually_exclusive_group()
    way.add_argument("--root", type=Path, metavar="FOLDER", help="the root's folder, if it is at hand")
    way.add_argument("--request", type=Path, metavar="FILE", help="write what the offline root has to sign")
    way.add_argument("--intermediate", type=Path, metavar="FILE", help="the offline root's answer")


def _hall(given: argparse.Namespace) -> int:
    card = HallCard(
        hall=HallId(given.hall),
        congress=CongressId(given.congress),
        broker_host=given.broker_host,
        broker_port=given.broker_port,
        trust=Trust(
            key_from_hex("desk", given.desk),
            key_from_hex("store", given.store),
            None if given.registrar is None else key_from_hex("registrar", given.registrar),
        ),
    )
    authority = commands.provision_hall(
        given.authority, card, means(), fleet_tls=given.fleet_tls, names=given.name
    )
    print(f"hall {card.hall}: authority in {given.authority}; keep a copy of this folder under lock and key")
    if given.root is not None:
        root = opened_root(given.root)
        if not commands.is_under_root_for_long(authority) or commands.knows_less(
            authority, root.write_list()
        ):
            authority.adopt(root.sign(commands.root_request(authority)))
    elif given.intermediate is not None:
        answer = read_whole(given.intermediate, "the root's answer")
        authority.adopt(read_answer(answer, authority.own.key.public_key()))
    elif given.request is not None:
        write_whole(given.request, commands.root_request(authority), PUBLIC)
        key = fingerprint(authority.own.key.public_key())
        print(f"{given.request}: bring it to the root, and compare there: hall {card.hall}, key {key}")
    _say_chain(authority)
    return 0


def _say_chain(authority: AuthorityFolder) -> None:
    if not authority.is_under_root:
        print("no root has signed it yet, so no device can be claimed here: run this again with --root")
        return
    end = authority.intermediate.not_valid_after_utc
    root = fingerprint(authority.root_certificate.public_key())
    print(f"under the root {root} until {end:%Y-%m-%d}: devices can be claimed")
