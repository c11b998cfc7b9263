from pathlib import Path

import pytest

from models.errors import ModelsMissing
from models.evaluation import tables
from models.evaluation.tables import (
    Pair,
    photographs_of,
    read_groups,
    read_pairs,
    require_groups,
    require_photographs,
)

HEADER = "fold\tsame\ta\tb\n"
GOOD = HEADER + "3\t1\tx_1.jpg\tx_2.jpg\n3\t0\tx_1.jpg\ty/1.jpg\n"


def written(folder: Path, text: str | bytes, name: str = "pairs.tsv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("text", [GOOD, GOOD.replace("\n", "\r\n"), "\ufeff" + GOOD, GOOD.removesuffix("\n")])
def test_a_good_table_is_read_whatever_its_line_ends(tmp_path: Path, text: str) -> None:
    pairs = read_pairs(written(tmp_path, text))
    assert pairs == (Pair("3", True, "x_1.jpg", "x_2.jpg"), Pair("3", False, "x_1.jpg", "y/1.jpg"))
    assert photographs_of(pairs) == ["x_1.jpg", "x_2.jpg", "y/1.jpg"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("a\tb\n", 1),
        (HEADER + "1\t2\tx.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\tx.jpg\n", 2),
        (HEADER + "1\t1\tx.jpg\ty.jpg\textra\n", 2),
        (HEADER + "1\t1\tx.jpg\ty.jpg\n\n1\t0\tx.jpg\tz.jpg\n", 3),
        (HEADER + "\t1\tx.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\tx.jpg\tx.jpg\n", 2),
        (HEADER + "1\t1\t\ty.jpg\n", 2),
        (HEADER + "1\t1\t/etc/passwd\ty.jpg\n", 2),
        (HEADER + "1\t1\t../x.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\ta/../x.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\t./x.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\ta//x.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\ta\\x.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\tx\x00.jpg\ty.jpg\n", 2),
        (HEADER + "1\t1\tx\x1b[2J.jpg\ty.jpg\n", 2),
        (HEADER.encode() + b"1\t1\tx\xff.jpg\ty.jpg\n", 2),
    ],
)
def test_a_bad_table_is_one_sentence_naming_file_and_line(
    tmp_path: Path, text: str | bytes, line: int
) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ModelsMissing) as refused:
        read_pairs(path)
    assert refused.value.diagnostics().startswith(f"{path}, line {line}: ")
    assert "\n" not in refused.value.diagnostics()


@pytest.mark.parametrize(("same", "kind"), [("0", "genuine"), ("1", "impostor")])
def test_pairs_of_one_kind_only_are_refused(tmp_path: Path, same: str, kind: str) -> None:
    path = written(tmp_path, f"{HEADER}1\t{same}\tx.jpg\ty.jpg\n")
    with pytest.raises(ModelsMissing, match=rf"pairs\.tsv: no {kind} pair"):
        read_pairs(path)


def test_a_table_that_is_not_there_or_too_large_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ModelsMissing, match=r"none\.tsv cannot be read"):
        read_pairs(tmp_path / "none.tsv")
    monkeypatch.setattr(tables, "BYTES_MAX", 20)
    with pytest.raises(ModelsMissing, match=r"pairs\.tsv: larger than 20 bytes"):
        read_pairs(written(tmp_path, GOOD))


def test_the_first_missing_photograph_is_named_and_the_others_counted(tmp_path: Path) -> None:
    (tmp_path / "b.jpg").write_bytes(b"")
    table = Path("pairs.tsv")
    require_photographs(tmp_path, ["b.jpg"], table)
    with pytest.raises(ModelsMissing, match=r"a\.jpg, which pairs\.tsv names, is not there$"):
        require_photographs(tmp_path, ["a.jpg", "b.jpg"], table)
    with pytest.raises(
        ModelsMissing, match=r"a\.jpg, which pairs\.tsv names, is not there, nor are 2 others"
    ):
        require_photographs(tmp_path, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"], table)
    with pytest.raises(ModelsMissing, match="no such folder"):
        require_photographs(tmp_path / "none", ["a.jpg"], table)


def test_groups_are_read_and_each_photograph_has_one(tmp_path: Path) -> None:
    (tmp_path / "c.jpg").write_bytes(b"")
    path = written(tmp_path, "image\tgroup\na.jpg\tup\nb.jpg\tdown\nc.jpg\tup\n", "groups.tsv")
    groups = read_groups(path)
    assert groups == {"a.jpg": "up", "b.jpg": "down", "c.jpg": "up"}
    require_groups(path, groups, ["a.jpg", "b.jpg"], tmp_path)  # c.jpg exists: more than the trial uses
    with pytest.raises(ModelsMissing, match=r"groups\.tsv: no group for d\.jpg"):
        require_groups(path, groups, ["a.jpg", "b.jpg", "d.jpg"], tmp_path)
    with pytest.raises(ModelsMissing, match=r"groups\.tsv: b\.jpg is not in"):
        require_groups(path, groups, ["a.jpg"], tmp_path)


@pytest.mark.parametrize(
    "rows", ["a.jpg\tup\na.jpg\tup\n", "a.jpg\tup\nb.jpg\t\n", "a.jpg\tup\n../b.jpg\tup\n"]
)
def test_a_bad_group_is_one_sentence_naming_its_line(tmp_path: Path, rows: str) -> None:
    with pytest.raises(ModelsMissing, match=r"groups\.tsv, line 3: "):
        read_groups(written(tmp_path, "image\tgroup\n" + rows, "groups.tsv"))
