"""Another key for a hall: planned, stolen, interrupted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from fleet.devices import certificates
from provisioning import files
from provisioning.authority import chain, folder, forms, issuing, keys, rotation
from provisioning.authority.folder import AuthorityFolder, open_authority
from provisioning.authority.lock import alone
from provisioning.authority.root_folder import RootFolder
from provisioning.errors import AuthorityError, ConfigError
from tests.edge.power_cut import PowerCut, fuse
from tests.provisioning.authority.roots import replaced_key
from tests.provisioning.conftest import World
from wire.ids import DeviceId

pytestmark = pytest.mark.slow

GATE, KEYPAD = DeviceId("gate-1"), DeviceId("keypad-1")


def key() -> ed25519.Ed25519PublicKey:
    return ed25519.Ed25519PrivateKey.generate().public_key()


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def listed(pem: bytes) -> list[x509.CertificateRevocationList]:
    marker = b"-----BEGIN X509 CRL-----"
    return [x509.load_pem_x509_crl(marker + part) for part in pem.split(marker)[1:]]


def test_planned_both_keys_are_trusted_and_the_new_one_signs(
    under_root: AuthorityFolder, root: RootFolder, world: World
) -> None:
    old = under_root.issue_from_key(GATE, key())
    before = under_root.own.certificate
    after = replaced_key(under_root, root)
    assert after.anchors == (after.own.certificate, before)
    new = after.issue_from_key(KEYPAD, key())
    assert forms.is_issued_by(new, after.own.certificate)
    assert forms.is_issued_by(new, after.intermediate)
    assert forms.is_issued_by(after.intermediate, root.certificate)
    now_ms = int(world.time.timestamp() * 1000)
    for found in (old, new):
        assert after.certificate_in_force(der(found)) is not None
        certificates.read(issuing.certificate_pem(found).decode(), after.certificate_pem, now_ms)


def test_planned_the_broker_keeps_the_certificate_that_old_devices_believe_until_the_end(
    under_root: AuthorityFolder, root: RootFolder, tmp_path: Path
) -> None:
    before = under_root.own.certificate
    tls = tmp_path / "tls"
    after = replaced_key(under_root, root)
    after.write_fleet_tls(tls, [])
    server = x509.load_pem_x509_certificate((tls / "server.crt").read_bytes())
    assert forms.is_issued_by(server, before)
    assert len(x509.load_pem_x509_certificates((tls / "ca.crt").read_bytes())) == 2
    done = rotation.finish(after)
    done.write_fleet_tls(tls, [])
    server = x509.load_pem_x509_certificate((tls / "server.crt").read_bytes())
    assert forms.is_issued_by(server, done.own.certificate)
    assert done.anchors == (done.own.certificate,)
    assert not (done.path / "previous.key").exists()


def test_planned_each_key_lists_what_was_taken_back(under_root: AuthorityFolder, root: RootFolder) -> None:
    old = under_root.issue_from_key(GATE, key())
    before = under_root.own
    after = replaced_key(under_root, root)
    both = listed(after.revoke(GATE))
    signers = (after.own.key.public_key(), before.key.public_key())
    for found, signer in zip(both, signers, strict=True):
        assert found.is_signature_valid(signer)
        assert found.get_revoked_certificate_by_serial_number(old.serial_number) is not None


def test_it_is_finished_when_every_device_has_renewed_and_not_before(
    under_root: AuthorityFolder, root: RootFolder
) -> None:
    held = key()
    old = under_root.issue_from_key(GATE, held)
    under_root.issue_from_key(KEYPAD, key())
    after = replaced_key(under_root, root)
    after.revoke(KEYPAD)
    with pytest.raises(AuthorityError, match=r"1 devices have not renewed.*gate-1"):
        rotation.finish(after)
    after.renew(der(old), held)
    assert rotation.finish(after).anchors == (after.own.certificate,)


def test_one_that_was_in_a_drawer_may_still_come_for_a_renewal_after_the_end(
    under_root: AuthorityFolder, root: RootFolder
) -> None:
    held = key()
    old, anchor = under_root.issue_from_key(GATE, held), under_root.own.certificate
    done = rotation.finish(replaced_key(under_root, root), anyway=True)
    assert forms.certificate_pem(anchor) in done.renewal_anchors
    assert forms.certificate_pem(anchor) not in done.certificate_pem
    assert forms.is_issued_by(done.renew(der(old), held), done.own.certificate)


def test_stolen_the_old_key_is_nobody_at_once_and_its_devices_come_back(
    under_root: AuthorityFolder, root: RootFolder, world: World
) -> None:
    held = key()
    thief, genuine = under_root.own, under_root.issue_from_key(GATE, held)
    old_intermediate = under_root.intermediate
    after = replaced_key(under_root, root, at_once=True)
    assert after.anchors == (after.own.certificate,)
    assert after.chain.is_listed(old_intermediate)
    assert not after.chain.is_listed(after.intermediate)
    forged = issuing.issue_device(thief, GATE, held, now=world.time, serial=genuine.serial_number)
    assert after.certificate_in_force(der(forged)) is None, "signed by the stolen key"
    with pytest.raises(AuthorityError):
        after.renew(der(forged), held)
    assert forms.certificate_pem(thief.certificate) in after.renewal_anchors
    assert forms.is_issued_by(after.renew(der(genuine), held), after.own.certificate)


def test_stolen_while_a_planned_rotation_is_under_way_both_old_keys_go(
    under_root: AuthorityFolder, root: RootFolder
) -> None:
    first = under_root.own.certificate
    second = replaced_key(under_root, root)
    with pytest.raises(AuthorityError, match="not finished"):
        replaced_key(second, root)
    third = replaced_key(second, root, at_once=True)
    assert third.anchors == (third.own.certificate,)
    for gone in (first, second.own.certificate):
        assert forms.certificate_pem(gone) in third.renewal_anchors
    assert not (third.path / "previous.key").exists()
    assert len(listed(third.revocations())) == 1


@pytest.mark.parametrize("at_once", [False, True], ids=["planned", "stolen"])
def test_it_needs_the_roots_word_that_the_old_key_is_taken_back(
    under_root: AuthorityFolder, root: RootFolder, at_once: bool
) -> None:
    answer = root.sign(rotation.next_request(under_root))
    with pytest.raises(AuthorityError, match="--revoke"):
        rotation.rotate(under_root, answer, at_once=at_once)


def test_planned_whoever_kept_a_copy_of_the_old_key_is_no_desk_any_more(
    under_root: AuthorityFolder, root: RootFolder
) -> None:
    old = under_root.intermediate
    after = replaced_key(under_root, root)
    assert after.chain.is_listed(old)
    assert not after.chain.is_listed(after.intermediate)


def test_there_is_nothing_to_finish_where_nothing_was_begun(under_root: AuthorityFolder) -> None:
    with pytest.raises(AuthorityError, match="no rotation to finish"):
        rotation.finish(under_root)


def test_nobody_replaces_the_key_under_a_running_desk(under_root: AuthorityFolder) -> None:
    with alone(under_root.path), pytest.raises(ConfigError, match="stop it"), alone(under_root.path):
        pytest.fail("two at a time")


@pytest.mark.slow
@pytest.mark.parametrize("at_once", [False, True], ids=["planned", "stolen"])
def test_a_power_cut_at_any_step_leaves_a_hall_that_can_go_on(
    under_root: AuthorityFolder,
    root: RootFolder,
    world: World,
    at_once: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held = key()
    first = under_root.own.certificate
    path, step = under_root.path, 0
    genuine = under_root.issue_from_key(GATE, held)
    before = {file.name: file.read_bytes() for file in path.iterdir()}
    while True:
        step += 1
        _restore(path, before)
        with monkeypatch.context() as patched:
            _cut_at(step, patched)
            try:
                done = replaced_key(open_authority(path, world.means()), root, at_once=at_once)
                break
            except PowerCut:
                pass
        broken = open_authority(path, world.means())
        assert broken.certificate_in_force(der(genuine)) == GATE
        assert forms.is_issued_by(broken.issue_from_key(KEYPAD, held), broken.own.certificate)
        assert broken.own.certificate in broken.anchors
        assert broken.intermediate.public_key() == broken.own.key.public_key()
        again = replaced_key(broken, root, at_once=at_once)
        assert again.own.certificate != first
        assert (first in again.anchors) is not at_once
        assert not (path / "next.key").exists()
        assert not again.chain.is_listed(again.intermediate)
    assert step >= 9, "every file was a step"
    assert done.own.certificate != first


def _restore(path: Path, content: dict[str, bytes]) -> None:
    for file in path.iterdir():
        file.unlink()
    for name, kept in content.items():
        (path / name).write_bytes(kept)


def _cut_at(step: int, patched: pytest.MonkeyPatch) -> None:
    """Before the chosen one of all files that are written or removed."""
    burn = fuse(step)

    def before(act: Callable[..., None]) -> Callable[..., None]:
        def burning(first: Path, *rest: object) -> None:
            burn(first.name)
            act(first, *rest)

        return burning

    write = before(files.write_whole)
    for room in (chain, folder, keys, rotation):
        patched.setattr(room, "write_whole", write)
    patched.setattr(rotation, "_remove", before(rotation._remove))


def test_a_hall_without_a_root_cannot_replace_its_key_by_itself(
    authority: AuthorityFolder, root: RootFolder
) -> None:
    """With a root it can, and is under it from then on."""
    assert not authority.is_under_root
    assert replaced_key(authority, root).is_under_root


def test_a_key_of_another_kind_in_the_way_is_refused(under_root: AuthorityFolder) -> None:
    pem = files.key_pem(ed25519.Ed25519PrivateKey.generate())
    (under_root.path / "next.key").write_bytes(pem)
    with pytest.raises(AuthorityError, match="no key of an authority"):
        rotation.next_request(under_root)
    assert isinstance(under_root.own.key, ec.EllipticCurvePrivateKey)
