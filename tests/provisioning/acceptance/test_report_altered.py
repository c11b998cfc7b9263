"""A commissioning report is signed by the hall: whoever changes one byte of it is noticed."""

import io
import warnings
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.keys.pemder import load_certs_from_pemder_data
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader

from provisioning.acceptance.report import Report
from provisioning.acceptance.sheet import Prints, as_pdf
from provisioning.acceptance.signature import CERTIFICATE_FILE, DOCUMENT_SIGNING, KEY_FILE, seal_of
from provisioning.authority import forms
from provisioning.authority.folder import AuthorityFolder, create_authority_folder
from tests.provisioning.acceptance.conftest import GOOD, Acceptance, planned
from tests.provisioning.conftest import World

BAD = ("clock", False, "90.0 s behind the hall")


def signed(acceptance: Acceptance, report: Report) -> bytes:
    seal = seal_of(acceptance.authority)
    pdf = as_pdf(report, Prints(seal.fingerprint, forms.digest(seal.issuer)))
    return seal.sign(pdf, reason="Commissioning", location=report.hall)


def is_valid(pdf: bytes, anchors: bytes) -> bool:
    """Whether a validator of PDF signatures, without a network, believes all of it."""
    trusted = ValidationContext(trust_roots=list(load_certs_from_pemder_data(anchors)), allow_fetching=False)
    try:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        found = validate_pdf_signature(signature, trusted)
    except (PdfError, ValueError):
        return False
    return bool(found.bottom_line) and found.coverage.name == "ENTIRE_FILE"


def text_of(pdf: bytes) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture
def hall(acceptance: Acceptance) -> Acceptance:
    acceptance.unit("keypad-1", place="Hàng 1, ghế 1", place_id="a-1")
    acceptance.unit("keypad-2", place="Hàng 1, ghế 2", rows=[GOOD[0], BAD])
    acceptance.unit("keypad-3", place="Hàng 1, ghế 3", after_s=None)
    return acceptance


def test_the_report_is_signed_by_the_hall_over_every_byte(hall: Acceptance) -> None:
    pdf = signed(hall, hall.run(wait_s=5))
    assert is_valid(pdf, hall.authority.certificate_pem)


def test_one_byte_changed_anywhere_is_noticed(hall: Acceptance) -> None:
    pdf = signed(hall, hall.run(wait_s=5))
    anchors = hall.authority.certificate_pem
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    first, length, second, rest = (int(part) for part in signature.byte_range)
    assert (first, second + rest) == (0, len(pdf)), "all but the signature itself is signed"
    for at in (*range(20, length, length // 20), second, second + rest // 2):
        assert not is_valid(pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :], anchors), at
    for at in (length + 40, length + 400):
        assert not is_valid(pdf[:at] + b"7b"[pdf[at] == ord("7") :][:1] + pdf[at + 1 :], anchors), at
    assert not is_valid(pdf + b"\n% and one more line\n", anchors)


def test_another_halls_signature_is_not_this_halls(hall: Acceptance, tmp_path: Path, world: World) -> None:
    other = create_authority_folder(tmp_path / "other", hall.authority.card, world.means())
    pdf = signed(hall, hall.run(wait_s=5))
    assert not is_valid(pdf, other.certificate_pem)


def test_what_is_wrong_stands_first_and_everything_can_be_found_in_the_log(hall: Acceptance) -> None:
    hall.fleet.places = [planned("gate-1", "Cửa chính", "gate", None)]
    report = hall.run(wait_s=5)
    text = text_of(signed(hall, report))
    for words in (
        "BIÊN BẢN NGHIỆM THU THIẾT BỊ HỘI TRƯỜNG", "CHƯA ĐẠT", "NOT PASSED", "hall-1", "congress-9",
        "technician", "90.0 s behind the hall", "Was asked and did not answer in time", "Cửa chính",
        "No device stands here", "No time-stamp server was asked", "leaf 101", "— signed",
    ):  # fmt: skip
        assert words in text, words
    for each in report.tested:
        assert each.paper.device in text
        assert each.paper.fingerprint[:32] in text
        assert each.paper.serial in text
    assert text.index("90.0 s behind the hall") < text.index("Danh sách thiết bị")


def test_words_of_a_device_cannot_steer_the_page(acceptance: Acceptance) -> None:
    acceptance.unit(
        "keypad-1", rows=[("disk", False, "<b>&amp; <img src='x'/>\x07\u202edlrow")], place="A & B <i>"
    )
    text = text_of(signed(acceptance, acceptance.run()))
    assert "<b>&amp; <img src='x'/>·" in text
    assert "A & B <i>" in text


def test_the_seal_signs_documents_and_is_no_devices_certificate(authority: AuthorityFolder) -> None:
    seal = seal_of(authority)
    usage = seal.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [DOCUMENT_SIGNING]
    assert ExtendedKeyUsageOID.CLIENT_AUTH not in usage
    assert (
        authority.certificate_in_force(seal.certificate.public_bytes(forms.serialization.Encoding.DER))
        is None
    )
    assert (authority.path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert "Key object" not in repr(seal)


def test_the_seal_is_made_once_and_again_when_the_halls_key_or_its_own_is_another(
    authority: AuthorityFolder, world: World, tmp_path: Path
) -> None:
    first = seal_of(authority).fingerprint
    assert seal_of(authority).fingerprint == first
    (authority.path / KEY_FILE).unlink()
    second = seal_of(authority)
    assert second.fingerprint != first
    replaced = create_authority_folder(tmp_path / "replaced", authority.card, world.means())
    for name in (KEY_FILE, CERTIFICATE_FILE):
        (replaced.path / name).write_bytes((authority.path / name).read_bytes())
    third = seal_of(replaced)
    assert third.certificate.public_key() == second.certificate.public_key()
    assert forms.is_issued_by(third.certificate, replaced.own.certificate)
    assert third.certificate.not_valid_after_utc == replaced.own.certificate.not_valid_after_utc
