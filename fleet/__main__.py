"""python -m fleet init | serve | ingest | api | updates | ddi | keys | backup | restore | export | audit: a
hall's server."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from wire.errors import HallError
from wire.ids import DESK, STORE, CongressId, HallId
from wire.keys import Alg, public_key

DEFAULT_DATA: Final = Path("var/fleet")


def main(words: Sequence[str] | None = None) -> int:
    """Exit status: 0 done, 1 not done, 2 wrong words, 3 audited without pinned keys, 78 configuration."""
    given = _parser().parse_args(words)
    os.umask(0o077)  # names, votes and password hashes: whatever is made here is for this user alone
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    for library in ("alembic", "tuf"):
        logging.getLogger(library).setLevel(logging.WARNING)
    try:
        return int(given.verb(given))
    except HallError as err:
        print(f"fleet: {err.diagnostics()} [{err.code}]", file=sys.stderr)
        return err.exit_code
    except KeyboardInterrupt:
        return 130


def _say(text: str) -> None:
    print(text, flush=True)


def _init(given: argparse.Namespace) -> int:
    from fleet.api.commands import init
    from fleet.config import FleetConfig

    wanted = FleetConfig(
        data=given.data,
        hall=HallId(given.hall),
        congress=CongressId(given.congress),
        api_host=given.api_host,
        api_port=given.api_port,
        api_tls=given.api_tls,
        broker_kind=given.broker,
        broker_host=given.broker_host,
        broker_port=given.broker_port,
        updates_host=given.updates_host,
        updates_port=given.updates_port,
    )
    status = init(wanted, say=_say, environment=os.environ)
    return status or _keys(given)


def _keys(given: argparse.Namespace) -> int:
    from fleet.config import load_config, load_signer

    config = load_config(given.data)
    for office in (DESK, STORE):
        _say(f"{office} {load_signer(config.data, office).public_key.raw.hex()}")
    return 0


def _serve(given: argparse.Namespace) -> int:
    from fleet.config import load_config
    from fleet.db import database_url, open_engine, upgrade
    from fleet.serve import serve

    config = load_config(given.data)
    engine = open_engine(database_url(given.data, os.environ))
    try:
        upgrade(engine)
        serve(config, engine, _say)
    finally:
        engine.dispose()
    return 0


def _ingest(given: argparse.Namespace) -> int:
    from fleet.ingest.commands import run

    return run(given.data)


def _api(given: argparse.Namespace) -> int:
    from fleet.api.commands import serve_api

    return serve_api(given.data, say=_say, environment=os.environ)


def _updates(given: argparse.Namespace) -> int:
    from fleet.updates import commands
    from fleet.updates.mirror import Credentials

    if given.what == "keys":
        return commands.make_keys(given.data, say=_say)
    if given.what == "import":
        return commands.run_import(
            given.data, given.folder, root_sha256=given.root_sha256, days=given.timestamp_days, say=_say
        )
    if given.what == "mirror":
        shown = Credentials.given(given.certificate, given.key, given.authority)
        return commands.run_mirror(given.data, given.source, shown, root_sha256=given.root_sha256, say=_say)
    if given.what == "extend":
        return commands.run_extend(given.data, given.hours, say=_say)
    if given.what == "status":
        return commands.status(given.data, say=_say)
    return commands.serve(given.data, say=_say, environment=os.environ)


def _ddi(given: argparse.Namespace) -> int:
    from fleet.ddi.commands import token

    return token(given.data, given.device, forget=given.forget, say=_say, environment=os.environ)


def _backup(given: argparse.Namespace) -> int:
    from fleet.ingest.commands import backup

    return backup(given.data, given.file)


def _charter(given: argparse.Namespace) -> int:
    from fleet.secret.commands import install_charter

    return install_charter(given.data, given.file, say=_say, environment=os.environ)


def _restore(given: argparse.Namespace) -> int:
    from fleet.ingest.commands import restore

    return restore(given.data, given.file)


def _export(given: argparse.Namespace) -> int:
    from fleet.log.commands import run_export

    return run_export(given.data, given.file)


def _audit(given: argparse.Namespace) -> int:
    from fleet.errors import ConfigError
    from fleet.log.commands import run_audit
    from fleet.recount import Pins

    if (given.desk is None) != (given.store is None):
        raise ConfigError("the audit needs both keys of the minutes, --desk and --store, or neither")
    pins = Pins(_key("--desk", given.desk), _key("--store", given.store)) if given.desk else None
    return run_audit(given.file, pins, charter=given.charter)


def _key(option: str, text: str) -> str:
    from fleet.errors import ConfigError

    try:
        return public_key(Alg.EDDSA, bytes.fromhex(text)).raw.hex()
    except (ValueError, HallError):
        raise ConfigError(f"{option} must be an Ed25519 public key, 64 hexadecimal digits") from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hallward fleet", description="One hall's server.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    init = _verb(verbs, "init", _init, "make the data folder: configuration, keys, database")
    init.add_argument("--hall", required=True)
    init.add_argument("--congress", required=True)
    init.add_argument("--api-host", default="127.0.0.1")
    init.add_argument("--api-port", type=int, default=8080)
    init.add_argument(
        "--api-tls", action="store_true", help="the API speaks https, with the certificate of the tls folder"
    )
    init.add_argument("--broker", choices=("nats", "mosquitto"), default="nats")
    init.add_argument("--broker-host", default="127.0.0.1")
    init.add_argument("--broker-port", type=int, default=8883)
    init.add_argument("--updates-host", default="", help="where devices fetch updates; left out: nowhere")
    init.add_argument("--updates-port", type=int, default=8884)
    _verb(verbs, "serve", _serve, "run broker, ingest and API until Ctrl-C")
    _verb(verbs, "ingest", _ingest, "run the ingest process alone")
    _verb(verbs, "api", _api, "run the API process alone")
    _add_updates(verbs)
    _add_rollouts(verbs)
    _add_freeze(verbs)
    _add_ddi(verbs)
    _verb(verbs, "keys", _keys, "print the public keys of desk and store, for devices and auditors")
    charter = _verb(verbs, "charter", _charter, "install the congress's charter: secret questions go by it")
    charter.add_argument("file", type=Path)
    _verb(verbs, "backup", _backup, "copy the store to FILE while the hall runs").add_argument(
        "file", type=Path
    )
    restore = _verb(verbs, "restore", _restore, "go on from a backup; the hall must be stopped")
    restore.add_argument(
        "file", type=Path, nargs="?", help="left out: the database was filled by its own tools"
    )
    _verb(verbs, "export", _export, "write the hall log to FILE").add_argument("file", type=Path)
    audit = verbs.add_parser("audit", help="check an exported hall log")
    audit.set_defaults(verb=_audit)
    audit.add_argument("file", type=Path)
    audit.add_argument("--desk", metavar="HEX", help="the desk's public key, from the signed minutes")
    audit.add_argument("--store", metavar="HEX", help="the store's public key, from the signed minutes")
    audit.add_argument(
        "--charter", type=Path, metavar="FILE", help="the congress's charter: secret questions ask for it"
    )
    return parser


def _add_updates(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = "what devices may run: keys, releases, and the listener they fetch from"
    whats = verbs.add_parser("updates", help=what, description=what).add_subparsers(
        required=True, metavar="WHAT", dest="what"
    )
    told = "SHA-256 of the officers' first root, as they wrote it down; needed the first time"
    _verb(whats, "keys", _updates, "make the fleet's own keys, and their public files for the officers")
    taken = _verb(whats, "import", _updates, "verify a release folder of the officers and publish it")
    taken.add_argument("folder", type=Path)
    taken.add_argument("--root-sha256", metavar="HEX", help=told)
    taken.add_argument(
        "--timestamp-days", type=int, metavar="DAYS", help="1 to 7, for a hall whose uplink is cut"
    )
    mirror = _verb(whats, "mirror", _updates, "publish what the centre's listener or a folder publishes")
    mirror.add_argument("--from", dest="source", required=True, metavar="URL|FOLDER")
    mirror.add_argument("--root-sha256", metavar="HEX", help=told)
    for name in ("certificate", "key", "authority"):
        mirror.add_argument(f"--{name}", type=Path, help="PEM file, of this server as a device of the centre")
    extend = _verb(whats, "extend", _updates, "keep what is published in force for so long from now")
    extend.add_argument("hours", type=int)
    _verb(whats, "status", _updates, "what is published, and when what expires")
    _verb(whats, "serve", _updates, "run the update listener alone")


def _add_rollouts(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from fleet.rollout.commands import add_verbs

    what = "updates of devices in waves: plan, start, stop, look; through the API of a running fleet"
    add_verbs(verbs.add_parser("rollout", help=what, description=what))


def _add_freeze(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from fleet.freeze.commands import add_verbs

    what = "the freeze of an open sitting, and what devices attest; through the API of a running fleet"
    add_verbs(verbs.add_parser("freeze", help=what, description=what))


def _add_ddi(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    what = "hawkBit clients (SWUpdate, rauc-hawkbit-updater), which fetch OS images"
    whats = verbs.add_parser("ddi", help=what, description=what).add_subparsers(
        required=True, metavar="WHAT", dest="what"
    )
    made = _verb(whats, "token", _ddi, "make a target token that a device must show beside its certificate")
    made.add_argument("device")
    made.add_argument("--forget", action="store_true", help="let its certificate be enough again")


def _verb(
    verbs: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, call: object, what: str
) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=what, description=what)
    parser.set_defaults(verb=call)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="the fleet's folder")
    return parser


if __name__ == "__main__":
    sys.exit(main())
