"""A thief of the fleet's keys: they say what is fresh, and who is to install what; never what exists."""

from datetime import timedelta

from tuf.api.metadata import DelegatedRole, Delegations, TargetFile

from tests.attacks_on_updates.hall import NEIGHBOUR, bundle, invented, listing, named, path_of
from tests.attacks_on_updates.row import NEW_KEYS, Rows, Stage

IMAGE_ROWS = Rows("a thief in the fleet", "the image repository's online key (snapshot and timestamp)")
DIRECTOR_ROWS = Rows("a thief in the fleet", "the director's key")
FAR = 2**31


def _as_it_is_and_after_a_power_cut(stage: Stage) -> str:
    return stage.each((lambda: None, stage.device.power_cut), lambda happens: happens())


# -- the online key of the image repository -----------------------------------------------------------------


@IMAGE_ROWS.attack(
    "signs fresh timestamps over an old snapshot, for ever (stolen timestamp key)",
    by="edge.device.updating.weigh.weigh",
    said="refused: unsigned",
    mend=NEW_KEYS,
    gains="hides releases until officers name another key, for 90 days at most: then their list ends",
)
def stolen_timestamp_key(stage: Stage) -> str:
    hall = stage.hall
    old = hall.newest()
    hall.put_out(3)
    hall.assign(path_of(3), 2)
    hall.publish()
    hall.now += timedelta(days=3)
    hall.sign_director(hall.director, 9, hall.named)
    hall.sign_image(hall.online, 9, old)
    return stage.ask()


@IMAGE_ROWS.attack(
    "lists what officers signed before, as the newest (stolen snapshot key, rollback)",
    by="edge.device.adapters.tuf_catalogue._check_floors",
    said="refused: older",
    mend=NEW_KEYS,
)
def stolen_snapshot_key(stage: Stage) -> str:
    hall = stage.hall
    hall.put_out(3)
    hall.assign(path_of(3), 2)
    hall.publish()
    stage.install(2)
    stage.device.slots.switch("golden")  # sent back by the desk: what it holds has no counter to compare
    stage.settled()
    hall.assign(path_of(2), 2)
    hall.sign_director(hall.director, 9, hall.named)
    hall.sign_image(hall.online, 9, hall.newest(models=2))

    return _as_it_is_and_after_a_power_cut(stage)


@IMAGE_ROWS.attack(
    "counts versions up to 2^31, so that nothing honest is ever newer (fast-forward)",
    by="edge.device.adapters.tuf_catalogue._Repository.versions",
    said="refused: older",
    mend=NEW_KEYS,
    gains="no updates until officers name another key; then at once",
)
def fast_forward_of_the_image(stage: Stage) -> str:
    hall = stage.hall
    hall.sign_image(hall.online, FAR, hall.newest())
    stage.install(2)
    hall.put_out(3)
    hall.assign(path_of(3), 2)
    hall.publish()
    return _as_it_is_and_after_a_power_cut(stage)


@IMAGE_ROWS.attack(
    "signs a list of models of its own, with a target that no officer has seen",
    by="tuf.api.metadata.Targets.verify_delegate",
    said="refused: unsigned",
    mend=NEW_KEYS,
)
def own_list_with_the_online_key(stage: Stage) -> str:
    hall, evil = stage.hall, bundle(99)
    target = invented(evil)
    data = listing(hall, 9, [target], hall.online)
    hall.served.files[f"/image/targets/models/{target.hashes['sha256']}.evil.tar"] = evil
    hall.served.files["/image/metadata/9.models.json"] = data
    hall.sign_image(hall.online, 9, hall.newest() | {"models": (9, data)})
    hall.sign_director(hall.director, 9, [named(target, 2)])
    return stage.ask()


# -- the director's key -------------------------------------------------------------------------------------


def _says(stage: Stage, *targets: TargetFile, delegations: Delegations | None = None) -> str:
    stage.hall.sign_director(stage.hall.director, 9, targets, delegations=delegations)
    return stage.ask()


@DIRECTOR_ROWS.attack(
    "names a release that officers did sign, and that is older than what runs (stolen director)",
    by="edge.device.updating.weigh._check_machine",
    said="refused: older",
)
def director_names_an_old_target(stage: Stage) -> str:
    stage.install(2)
    return _says(stage, named(stage.hall.target(path_of(1)), 2))


@DIRECTOR_ROWS.attack(
    "names what officers never signed",
    by="edge.device.updating.weigh.weigh",
    said="refused: unsigned",
)
def director_names_what_nobody_signed(stage: Stage) -> str:
    evil = bundle(99)
    target = invented(evil)
    stage.served[f"/image/targets/models/{target.hashes['sha256']}.evil.tar"] = evil
    return _says(stage, named(target, 2))


@DIRECTOR_ROWS.attack(
    "gives a signed path other bytes",
    by="edge.device.updating.weigh._same_bytes",
    said="refused: wrong-hash",
)
def director_swaps_the_hash(stage: Stage) -> str:
    evil = bundle(99)
    target = invented(evil, path_of(2))
    stage.served[f"/image/targets/models/{target.hashes['sha256']}.net-2.tar"] = evil
    return _says(stage, named(target, 2))


@DIRECTOR_ROWS.attack(
    "names a release for other hardware",
    by="edge.device.updating.weigh._check_machine",
    said="refused: wrong-hardware",
)
def director_names_other_hardware(stage: Stage) -> str:
    path = stage.hall.put_out(3, hardware=("keypad-zero2w",))
    stage.hall.publish()
    return _says(stage, named(stage.hall.target(path), 2))


@DIRECTOR_ROWS.attack(
    "names a genuine release without an order of the desk, or for another one",
    by="edge.device.updating.weigh._check_assigned",
    said="refused: not-assigned",
)
def director_without_an_order(stage: Stage) -> str:
    return _says(stage, named(stage.hall.target(path_of(2)), 3))


@DIRECTOR_ROWS.attack(
    "signs a neighbour's assignment into this device's metadata, two at once, or none",
    by="edge.device.updating.weigh._for_component",
    said="refused: not-assigned",
)
def director_names_another_or_many(stage: Stage) -> str:
    hall = stage.hall
    both = (named(hall.target(path_of(1)), 2), named(hall.target(path_of(2)), 2))
    forms = ((named(hall.target(path_of(2)), 2, NEIGHBOUR),), both, ())
    return stage.each(forms, lambda targets: hall.sign_director(hall.director, 9, targets))


@DIRECTOR_ROWS.attack(
    "delegates to a key of its own, which names what it likes",
    by="edge.device.adapters.tuf_catalogue._Repository.listed",
    said="refused: not-assigned",
)
def director_delegates(stage: Stage) -> str:
    key = stage.hall.online.public_key
    role = DelegatedRole("more", [key.keyid], 1, terminating=True, paths=["models/*"])
    target = named(stage.hall.target(path_of(2)), 2)
    return _says(stage, target, delegations=Delegations({key.keyid: key}, {"more": role}))


@DIRECTOR_ROWS.attack(
    "counts versions up to 2^31 (fast-forward)",
    by="edge.device.adapters.tuf_catalogue._Repository.versions",
    said="refused: older",
    mend=NEW_KEYS,
    gains="no updates until officers name another key; then at once",
)
def fast_forward_of_the_director(stage: Stage) -> str:
    hall = stage.hall
    hall.sign_director(hall.director, FAR, hall.named)
    stage.install(2)
    hall.put_out(3)
    hall.assign(path_of(3), 2)
    hall.publish()
    return _as_it_is_and_after_a_power_cut(stage)


@DIRECTOR_ROWS.attack(
    "withholds a release, with both of the fleet's keys, for ever",
    by="edge.device.updating.weigh._for_component",
    said="refused: not-assigned",
    mend=NEW_KEYS,
    gains="no updates until officers name other keys; the fleet's page shows that nobody takes one",
)
def both_online_keys_withhold(stage: Stage) -> str:
    hall = stage.hall
    hall.now += timedelta(days=30)
    hall.sign_image(hall.online, 9, hall.newest())
    return _says(stage)
