"""One officer gone bad, or one of their keys stolen: two of three sign."""

from collections.abc import Sequence

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, Root

from tests.attacks_on_updates.hall import Hall, bundle, invented, listing, named, path_of, signed
from tests.attacks_on_updates.row import NEW_KEYS, Rows, Stage

ROWS = Rows("one officer gone bad", "one key of three, and both of the fleet's")
VERSION = 9


def _lists(
    hall: Hall, signers: Sequence[CryptoSigner], role: str = "models", path: str = "models/evil.tar"
) -> None:
    """The thief's release, freshly stamped, named to the device."""
    evil = bundle(99)
    target = invented(evil, path)
    component, _, name = path.partition("/")
    data = listing(hall, VERSION, [target], *signers)
    hall.served.files[f"/image/metadata/{VERSION}.{role}.json"] = data
    hall.served.files[f"/image/targets/{component}/{target.hashes['sha256']}.{name}"] = evil
    hall.sign_image(hall.online, VERSION, hall.newest() | {role: (VERSION, data)})
    hall.sign_director(hall.director, VERSION, [named(target, 2)])


@ROWS.attack(
    "signs a release alone (one stolen targets key)",
    by="tuf.api.metadata.Targets.verify_delegate",
    said="refused: unsigned",
    mend=NEW_KEYS,
)
def one_targets_key(stage: Stage) -> str:
    _lists(stage.hall, stage.hall.officers[:1])
    return stage.ask()


@ROWS.attack(
    "signs it twice, and with keys of nobody",
    by="tuf.api.metadata.Targets.verify_delegate",
    said="refused: unsigned",
    mend=NEW_KEYS,
)
def one_targets_key_many_signatures(stage: Stage) -> str:
    one, hall = stage.hall.officers[0], stage.hall
    _lists(hall, [one, one, hall.online, hall.director])
    return stage.ask()


@ROWS.attack(
    "lists everything itself, in place of the role that delegates",
    by="tuf.api.metadata.Root.verify_delegate",
    said="refused: unsigned",
    mend=NEW_KEYS,
)
def one_key_lists_at_the_top(stage: Stage) -> str:
    _lists(stage.hall, stage.hall.officers[:1], role="targets")
    return stage.ask()


@ROWS.attack(
    "lists models in the role of config, where a delegate's key may be weaker",
    by="tuf.api.metadata.DelegatedRole.is_delegated_path",
    said="refused: unsigned",
    holds="two keys of the role `config`, and both of the fleet's",
    mend=NEW_KEYS,
)
def models_in_the_role_of_config(stage: Stage) -> str:
    _lists(stage.hall, stage.hall.officers[:2], role="config")
    return stage.ask()


@ROWS.attack(
    "makes itself the only officer (one stolen root key)",
    by="tuf.api.metadata.Root.verify_delegate",
    said="refused: unsigned",
    mend=NEW_KEYS,
)
def one_root_key(stage: Stage) -> str:
    one = stage.hall.officers[0]

    def crown(repository: str) -> None:
        path = f"/{repository}/metadata/2.root.json"
        data = stage.served[path.replace("/2.", "/1.")]
        assert isinstance(data, bytes)
        root = Metadata[Root].from_bytes(data).signed
        root.version = 2
        for role in root.roles.values():
            role.keyids, role.threshold = [one.public_key.keyid], 1
        stage.served[path] = signed(root, one)

    return stage.each(("image", "director"), crown)


@ROWS.attack(
    "plays a root that officers replaced, when its keys had been stolen",
    by="edge.device.adapters.tuf_catalogue._check_floors",
    said="refused: older",
    holds="the fleet's old keys, which a root has named no more",
)
def replaced_keys(stage: Stage) -> str:
    hall = stage.hall
    before, online, director = dict(stage.served), hall.online, hall.director
    hall.rotate()
    hall.publish()
    stage.install(2)

    def attack(repository: str) -> None:
        stage.device.power_cut()
        files = {path: said for path, said in before.items() if path.startswith(f"/{repository}/")}
        for path in [path for path in stage.served if path.startswith(f"/{repository}/")]:
            del stage.served[path]
        stage.served.update(files)
        if repository == "image":
            hall.sign_image(online, 99, hall.newest(targets=1))
        else:
            hall.sign_director(director, 99, [named(hall.target(path_of(2)), 2)])

    return stage.each(("image", "director"), attack)
