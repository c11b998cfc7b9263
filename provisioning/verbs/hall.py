"""`hallward provision hall`: a hall's authority, and the tls folder of its server."""

import argparse
from pathlib import Path

from provisioning import commands
from provisioning.hall import HallCard, Trust, key_from_hex
from provisioning.verbs.asked import Verbs, add_authority, means, verb
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
    commands.provision_hall(given.authority, card, means(), fleet_tls=given.fleet_tls, names=given.name)
    print(f"hall {card.hall}: authority in {given.authority}; keep a copy of this folder under lock and key")
    return 0
