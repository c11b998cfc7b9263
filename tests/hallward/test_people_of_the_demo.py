"""Who comes by face, who by badge, and who is a stranger."""

from pathlib import Path

import pytest

from hallward.demo.children import ProcessDied, run_to_end
from hallward.demo.narrator import Narrator
from hallward.demo.people import Delegate, NoFaces, cast
from hallward.demo.sitting import Member, or_by_badge


def folder(root: Path, name: str, count: int) -> None:
    (root / name).mkdir()
    for number in range(count):
        (root / name / f"{number}.jpg").touch()


def test_the_probe_is_never_among_the_enrolled(tmp_path: Path) -> None:
    for name, count in (("ada_lovelace", 2), ("grace-hopper", 6), ("nobody", 1), ("empty", 0)):
        folder(tmp_path, name, count)
    found = cast(tmp_path, 5)
    assert [delegate.name for delegate in found.delegates] == [
        "Ada Lovelace",
        "Grace Hopper",
        "Delegate 03",
        "Delegate 04",
        "Delegate 05",
    ]
    for delegate in found.delegates[:2]:
        assert delegate.probe is not None
        assert delegate.probe not in delegate.enrolled
        assert 1 <= len(delegate.enrolled) <= 3
    assert all(not delegate.enrolled and delegate.probe is None for delegate in found.delegates[2:])
    assert [path.parent.name for path in found.strangers] == ["nobody"]


@pytest.mark.parametrize("counts", [(), (2,), (1,)])
def test_a_folder_without_delegates_or_strangers_is_explained(
    tmp_path: Path, counts: tuple[int, ...]
) -> None:
    for number, count in enumerate(counts):
        folder(tmp_path, f"p{number}", count)
    with pytest.raises(NoFaces, match="at least one folder"):
        cast(tmp_path, 24)


def test_a_missing_folder_is_explained(tmp_path: Path) -> None:
    with pytest.raises(NoFaces, match="not a folder"):
        cast(tmp_path / "none", 24)


def test_who_has_no_photograph_that_can_serve_comes_by_badge(capsys: pytest.CaptureFixture[str]) -> None:
    photograph = Path("ada/0.jpg")
    ada = Member(Delegate("Ada", (photograph,), Path("ada/1.jpg")), "aa" * 16, "keypad-01")
    grace = Member(Delegate("Grace", (photograph,), Path("grace/1.jpg")), "bb" * 16, "keypad-02")
    found = [or_by_badge(member, {ada.pseudonym}, Narrator()) for member in (ada, grace)]
    assert found == [ada, Member(Delegate("Grace"), grace.pseudonym, grace.keypad)]
    assert "Grace: no photograph can serve" in capsys.readouterr().out


def test_what_was_printed_counts_only_where_it_may_be_part_of_it() -> None:
    words = ["keypad", "run", "none"]
    with pytest.raises(ProcessDied) as refused:
        run_to_end(words, partly=True)
    assert refused.value.exit_code == 78
