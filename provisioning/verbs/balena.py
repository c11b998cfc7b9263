"""`hallward provision balena …`: a hall whose devices stand under balena or openBalena."""

import argparse
import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from provisioning.backends.balena.account import CLOUD, TOKEN_VARIABLE, account
from provisioning.backends.balena.adapters.connect import connect
from provisioning.backends.balena.project import KINDS, write_project
from provisioning.backends.ports import FleetBackend, NewUnit, Registration, UnitState
from provisioning.errors import ConfigError
from provisioning.files import SECRET, read_whole, write_whole
from provisioning.updates import root_file, roots_in
from provisioning.verbs import balena_follow
from provisioning.verbs.asked import Verb, Verbs, verb
from wire.ids import DeviceId, is_name

COMMIT_SHOWN: Final = 12
DAYS: Final = 7
DAYS_MAX: Final = 366

Action = Callable[[FleetBackend, argparse.Namespace], int]


def add(verbs: Verbs) -> None:
    balena = verb(verbs, "balena", _nothing, "devices under balena or openBalena")
    actions = balena.add_subparsers(required=True, metavar="ACTION")

    register = _action(actions, "register", _register, "make devices known, and write what each must carry")
    register.add_argument(
        "--keys", type=Path, required=True, metavar="DIR", help="one secret file per device"
    )
    _add_devices(register)

    variables = _action(actions, "variables", _variables, "show variables, or set one")
    variables.add_argument("name", nargs="?", help="of the variable; without it all are shown")
    tags = _action(actions, "tags", _tags, "show the tags of devices, or set one")
    tags.add_argument("name", nargs="?", help="of the tag; without it all are shown")
    for parser in (variables, tags):
        parser.add_argument("value", nargs="?")
        parser.add_argument("--remove", action="store_true", help="take it away")
        _add_devices(parser)

    pin = _action(actions, "pin", _pin, "say which release runs: on the fleet, or on the devices named")
    pin.add_argument("release", nargs="?", help="commit or version")
    pin.add_argument(
        "--newest", action="store_true", help="follow: devices their fleet, the fleet its newest"
    )
    _add_devices(pin)

    state = _action(actions, "state", _state, "all devices as balena sees them, or one as it says itself")
    state.add_argument("device", nargs="?", type=_name)

    history = _action(actions, "history", _history, "what ran on a device, newest first")
    history.add_argument("device", type=_name)
    history.add_argument(
        "--days", type=int, default=DAYS, help=f"how far back, 1 to {DAYS_MAX} (default {DAYS})"
    )

    project = verb(actions, "project", _project, "write the folder that `balena push` builds a fleet from")
    project.add_argument("folder", type=Path)
    project.add_argument("--kind", required=True, choices=KINDS)
    project.add_argument(
        "--update-roots",
        type=Path,
        metavar="DIR",
        help="the folder `update` of the hall's authority, or a copy",
    )
    balena_follow.add(actions)


def _action(actions: Verbs, name: str, action: Action, what: str) -> argparse.ArgumentParser:
    parser = verb(actions, name, _at_the_fleet(action), what)
    parser.add_argument("--host", default=CLOUD, help=f"domain of balena or openBalena (default {CLOUD})")
    parser.add_argument("--fleet", required=True, metavar="ORGANISATION/FLEET")
    parser.add_argument(
        "--token-file",
        type=Path,
        metavar="FILE",
        help=f"mode 600; otherwise {TOKEN_VARIABLE} of the environment",
    )
    parser.add_argument("--ca", type=Path, metavar="FILE", help="authority of an openBalena, PEM")
    return parser


def _add_devices(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device", action="append", type=_name, default=[], metavar="NAME", help="may be repeated"
    )
    parser.add_argument("--devices", type=Path, metavar="FILE", help="names of devices, one a line")


def _at_the_fleet(action: Action) -> Verb:
    def call(given: argparse.Namespace) -> int:
        who = account(given.host, environment=os.environ, token_file=given.token_file, ca=given.ca)
        return action(connect(who, given.fleet), given)

    return call


def _nothing(given: argparse.Namespace) -> int:
    raise AssertionError(f"argparse wants an action: {given}")


def _register(backend: FleetBackend, given: argparse.Namespace) -> int:
    keys: Path = given.keys
    devices = _devices(given)
    if not devices:
        raise ConfigError("no device was named: use --device NAME or --devices FILE")
    units = [NewUnit(device, key_lost=not _key_file(keys, device).exists()) for device in devices]
    new = 0
    for done in backend.register(units):
        if done.secret is not None:
            write_whole(_key_file(keys, done.device), _config(done), SECRET)
        new += done.new
        print(f"{done.device}: {'registered' if done.new else 'known already'}, {done.handle}")
    print(f"{len(units)} devices, {new} of them new; what each must carry stands in {keys}, and is a secret")
    return 0


def _key_file(keys: Path, device: DeviceId) -> Path:
    return keys / f"{device}.json"


def _config(done: Registration) -> bytes:
    """Fields of balenaOS's config.json."""
    fields = {"uuid": done.handle, "deviceApiKey": done.secret, "initialDeviceName": done.device}
    return (json.dumps(fields, indent=1) + "\n").encode()


def _variables(backend: FleetBackend, given: argparse.Namespace) -> int:
    devices = _devices(given)
    if given.name is None:
        _print_values("fleet", backend.fleet_variables())
        _print_all(backend.device_variables(), devices)
    elif devices:
        changed = backend.set_device_variables(given.name, dict.fromkeys(devices, _value(given)))
        print(f"{given.name}: {changed} of {len(devices)} devices had to be changed")
    else:
        backend.set_fleet_variable(given.name, _value(given))
        print(f"{given.name}: {'taken away' if given.remove else 'set'} for the fleet")
    return 0


def _tags(backend: FleetBackend, given: argparse.Namespace) -> int:
    devices = _devices(given)
    if given.name is None:
        _print_all(backend.tags(), devices)
        return 0
    if not devices:
        raise ConfigError("a tag belongs to devices: use --device NAME or --devices FILE")
    changed = backend.set_tags(given.name, dict.fromkeys(devices, _value(given)))
    print(f"{given.name}: {changed} of {len(devices)} devices had to be changed")
    return 0


def _value(given: argparse.Namespace) -> str | None:
    if (given.value is None) != given.remove:
        raise ConfigError(f"give {given.name} a value, or --remove to take it away")
    return None if given.remove else str(given.value)


def _pin(backend: FleetBackend, given: argparse.Namespace) -> int:
    if (given.release is None) != given.newest:
        raise ConfigError("name a release, or --newest to follow")
    devices = _devices(given)
    whole = not devices
    commit = backend.pin_to_release(given.release, None if whole else devices)
    who = "the fleet" if whole else f"{len(devices)} devices"
    print(f"{who}: {'follows the newest' if commit is None else f'pinned to {commit}'}")
    return 0


def _state(backend: FleetBackend, given: argparse.Namespace) -> int:
    if given.device is not None:
        asked = backend.supervisor(given.device)
        progress = "" if asked.progress is None else f", {asked.progress} %"
        word = ", update failed" if asked.failed else ", update waits" if asked.pending else ""
        print(f"{asked.device}: {asked.status}{progress}{word}, runs {_short(asked.release)}")
        _print_values("", asked.facts)
        return 0
    states = backend.states()
    width = shutil.get_terminal_size().columns
    for state in states:
        print(_line(state)[: max(width, 60)])
    online = sum(state.online for state in states)
    print(f"{len(states)} devices, {online} online, {len(states) - online} not")
    return 0


def _line(state: UnitState) -> str:
    progress = "" if state.progress is None else f" {state.progress} %"
    pinned = "" if state.pinned is None else f", pinned to {_short(state.pinned)}"
    light = "online " if state.online else "offline"
    return f"{state.device:<32} {light} {state.word}{progress}, runs {_short(state.release)}{pinned}"


def _history(backend: FleetBackend, given: argparse.Namespace) -> int:
    if not 1 <= given.days <= DAYS_MAX:
        raise ConfigError(f"--days must be 1 to {DAYS_MAX}")
    found = backend.history(given.device, datetime.now(UTC) - timedelta(days=given.days))
    for episode in found:
        ended = "now" if episode.ended is None else f"{episode.ended:%Y-%m-%d %H:%M}"
        wanted = (
            ""
            if episode.should_run in (None, episode.release)
            else f", should run {_short(episode.should_run)}"
        )
        active = "" if episode.active else ", switched off"
        print(f"{episode.began:%Y-%m-%d %H:%M} to {ended}: {_short(episode.release)}{wanted}{active}")
    if not found:
        print(f"nothing is known of {given.device} in the last {given.days} days")
    return 0


def _project(given: argparse.Namespace) -> int:
    roots = roots_in(given.update_roots) if given.update_roots else {}
    files = {Path(root_file(repository)).name: root.content for repository, root in roots.items()}
    write_project(given.folder, given.kind, update_roots=files)
    print(f"{given.folder} is ready: go there and run `balena push ORGANISATION/FLEET`")
    return 0


def _devices(given: argparse.Namespace) -> list[DeviceId]:
    """Of both options, each once."""
    named: list[DeviceId] = list(given.device)
    if given.devices is not None:
        lines = read_whole(given.devices, "the list of devices").decode("utf-8", "replace").splitlines()
        for number, line in enumerate(lines, 1):
            if name := line.strip():
                if not is_name(name):
                    raise ConfigError(f"{given.devices}, line {number}: {name!r:.60} is no name of a device")
                named.append(DeviceId(name))
        if not named:
            raise ConfigError(f"{given.devices} names no device")
    return list(dict.fromkeys(named))


def _name(word: str) -> DeviceId:
    if not is_name(word):
        raise argparse.ArgumentTypeError(f"{word!r:.60} is no name of a device")
    return DeviceId(word)


def _short(release: str | None) -> str:
    return "nothing" if release is None else release[:COMMIT_SHOWN]


def _print_all(values: Mapping[DeviceId, Mapping[str, str]], only: Sequence[DeviceId]) -> None:
    for device in sorted(values):
        if (not only or device in only) and values[device]:
            _print_values(device, values[device])


def _print_values(whose: str, values: Mapping[str, str]) -> None:
    for name in sorted(values):
        print(f"{whose} {name}={values[name]}".strip())
