"""The protocol: what it prints can be read back, in the Vietnamese order, and the same result prints the same
bytes."""

import io
import re
import unicodedata

import pypdf
import pytest

from fleet.votes.protocol import cell
from fleet.votes.vietnamese import name_order, text_order
from tests.fleet.hall_under_test import HallUnderTest, ok, refused
from tests.fleet.votes.assembly import Assembly

pytestmark = pytest.mark.slow

STACKED = ["Nguyễn Thị Ưởng", "Đặng Hữu Ệp", "Lê Quỳnh Ẩn", "Trần Đỗ Ỡ"]


@pytest.fixture
def assembly(hall: HallUnderTest) -> Assembly:
    assembly = Assembly(hall)
    for member, name in zip(assembly.members, STACKED, strict=True):
        row = {"member": member, "name": name, "party": "Đoàn Thừa Thiên Huế", "consent": True}
        ok(assembly.chair.post("/api/members", json={"members": [row]}), 201)
    return assembly


def closed(assembly: Assembly, **asked: object) -> None:
    assembly.open_sitting()
    assembly.enter(1, 2, 3, 4)
    assembly.prepare(**asked)
    assembly.step("open")
    for number, choice in ((1, "yes"), (1, "no"), (2, "yes"), (3, "yes"), (4, "abstain")):
        assembly.press(number, choice)
    assembly.step("close")


def printed(assembly: Assembly) -> bytes:
    answer = assembly.chair.get("/api/questions/q1/result?format=pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


def read(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return unicodedata.normalize("NFC", "\n".join(page.extract_text() for page in pages))


def test_names_with_stacked_accents_numbers_and_log_are_on_paper(assembly: Assembly) -> None:
    closed(assembly)
    text = read(printed(assembly))
    for name in STACKED:
        assert name in text
    assert "Thông qua" in text
    assert "Trang 1 / 2" in text
    assert "đã biểu quyết lại sau đó" in text
    assert "Trưởng ban kiểm phiếu" in text
    leaf = assembly.result()["closed_leaf"]
    assert f"{leaf + 1} bản ghi" in text
    key = assembly.hall.office.desk.signer.public_key.raw.hex()
    assert key in re.sub(r"\s", "", text)


def test_members_stand_by_given_name_and_not_by_code_point(assembly: Assembly) -> None:
    closed(assembly)
    text = read(printed(assembly))
    order = sorted(STACKED, key=text.index)
    assert order == ["Lê Quỳnh Ẩn", "Đặng Hữu Ệp", "Trần Đỗ Ỡ", "Nguyễn Thị Ưởng"]


def test_the_same_result_prints_the_same_bytes_while_the_log_goes_on(assembly: Assembly) -> None:
    closed(assembly)
    first = printed(assembly)
    assembly.leave(1)
    assembly.hall.clock.step(600_000)
    assert printed(assembly) == first


def test_a_correction_and_a_certification_are_printed_and_the_numbers_stay(assembly: Assembly) -> None:
    closed(assembly)
    assert "CHƯA KÝ XÁC NHẬN" in read(printed(assembly))
    body = {"member": assembly.members[0], "choice": "yes", "text": "bấm nhầm"}
    assembly.chair.post("/api/questions/q1/corrections", json=body)
    assembly.step("certify")
    text = read(printed(assembly))
    assert "CHƯA KÝ" not in text
    assert "đáng lẽ tán thành: bấm nhầm" in " ".join(text.split())
    assert assembly.result()["no"] == 1


def test_the_table_for_a_spreadsheet_holds_the_same_and_no_formula(assembly: Assembly) -> None:
    row = {"member": assembly.members[3], "name": "=cmd()", "party": "", "consent": True}
    ok(assembly.chair.post("/api/members", json={"members": [row]}), 201)
    closed(assembly)
    answer = assembly.chair.get("/api/questions/q1/result?format=csv")
    text = answer.content.decode("utf-8-sig")
    assert "choice,A2,Đặng Hữu Ệp,Đoàn Thừa Thiên Huế,Tán thành,Yes" in text.splitlines()
    assert ",'=cmd()," in text
    assert "number,Tán thành,Yes,2" in text.splitlines()


def test_before_the_close_there_is_nothing_to_print(assembly: Assembly) -> None:
    assembly.open_sitting()
    assembly.prepare()
    for form in ("json", "csv", "pdf"):
        refused(assembly.chair.get(f"/api/questions/q1/result?format={form}"), 409, "no-result")


def test_a_member_who_withdrew_is_printed_without_a_name(assembly: Assembly) -> None:
    closed(assembly)
    ok(assembly.chair.delete(f"/api/members/{assembly.members[0]}"))
    text = read(printed(assembly))
    assert STACKED[0] not in text
    assert "(đã rút tên)" in text


@pytest.mark.parametrize(
    "in_order",
    [
        ["Trần An", "Trần Ăn", "Trần Ân", "Trần Bé", "Trần Dung", "Trần Đức", "Trần Ê"],
        ["Lê Ma", "Lê Mà", "Lê Mả", "Lê Mã", "Lê Má", "Lê Mạ", "Lê Mai"],
        ["Vũ Ánh An", "Bùi Bé An", "Bùi Thị An", "Cao Lan"],
    ],
)
def test_the_order_of_names(in_order: list[str]) -> None:
    expected = sorted(in_order, key=name_order)
    if in_order[0].startswith("Vũ"):
        assert expected == ["Bùi Bé An", "Bùi Thị An", "Vũ Ánh An", "Cao Lan"]
    else:
        assert expected == in_order


def test_groups_stand_word_by_word() -> None:
    groups = ["Đoàn Hà Nội", "Đoàn An Giang", "Ban Bí thư", "Đoàn Huế", "Đoàn Đà Nẵng"]
    assert sorted(groups, key=text_order) == [
        "Ban Bí thư", "Đoàn An Giang", "Đoàn Đà Nẵng", "Đoàn Hà Nội", "Đoàn Huế",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "－1"])
def test_no_cell_begins_as_a_formula_however_it_is_written(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(f"Lan {text}") == f"Lan {text}"
