"""recording.toml is read field by field; what is wrong is said by file, entry and allowed range."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.device.errors import ConfigError
from edge.rollcall_gate.trial.recording import (
    FILE_BYTES_MAX,
    LASTS_MS_MAX,
    SHOWS_MAX,
    Recording,
    parse_recording,
    read_recording,
)

A = '[[show]]\nat_ms = 0\nfor_ms = 100\npicture = "a.jpg"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inside = tmp_path / "recording"
    inside.mkdir()
    (inside / "a.jpg").write_bytes(b"never opened here")
    (tmp_path / "outside.jpg").write_bytes(b"")
    (inside / "leads-out.jpg").symlink_to(tmp_path / "outside.jpg")
    (inside / "leads-in.jpg").symlink_to(inside / "a.jpg")
    (inside / "round.jpg").symlink_to(inside / "round.jpg")
    (inside / "deeper").symlink_to(tmp_path)
    return inside


def parsed(folder: Path, text: str) -> Recording:
    return parse_recording(text, folder / "recording.toml")


def test_a_recording_says_what_is_seen_and_pressed_when(folder: Path) -> None:
    recording = parsed(
        folder,
        """
every_ms = 50
noise = 3
[[show]]
at_ms = 100
picture = "a.jpg"
keys = "C"
[[show]]
at_ms = 250
keys = "12E"
[[show]]
at_ms = 300
badge = "HW1:abc"
for_ms = 100
[[show]]
at_ms = 500
picture = "leads-in.jpg"
[[show]]
at_ms = 600
nobody = true
""",
    )
    assert (recording.every_ms, recording.noise) == (50, 3)
    photograph = (folder / "a.jpg").resolve()
    expected = {99: None, 100: photograph, 299: photograph, 300: "HW1:abc", 399: "HW1:abc", 400: None}
    expected |= {499: None, 500: photograph, 599: photograph, 600: None, 10**9: None}
    assert {ms: recording.shown_at(ms) for ms in expected} == expected
    assert recording.keys_between(0, 100) == ""
    assert recording.keys_between(100, 101) == "C"
    assert recording.keys_between(100, 251) == "C12E"
    assert recording.keys_between(101, 250) == ""
    assert recording.ends_ms == 600


def test_a_press_after_the_last_sight_is_still_played(folder: Path) -> None:
    recording = parsed(folder, A + '[[show]]\nat_ms = 200\nkeys = "E"\n')
    assert recording.ends_ms == 201
    assert recording.keys_between(101, recording.ends_ms) == "E"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1 to 10,000 entries"),
        ("show = []", "1 to 10,000 entries"),
        ("show = 3", "1 to 10,000 entries"),
        ("show = [3]", "show 1 must be a table"),
        ("[[show]", "is not TOML"),
        ("speed = 2\n" + A, "speed is 2; it must be removed: known here are every_ms, noise, show"),
        ("every_ms = 9\n" + A, "every_ms is 9; it must be an integer of 10 to 10000"),
        ("noise = 51\n" + A, "noise is 51; it must be an integer of 0 to 50"),
        ("noise = true\n" + A, "noise is True"),
        ("[[show]]\nat_ms = 0\n", "show 1 must hold picture, badge, nobody = true, or keys"),
        ('[[show]]\nkeys = "1"\n', "show 1.at_ms is missing"),
        ('[[show]]\nat_ms = -1\nkeys = "1"\n', "show 1.at_ms is -1; it must be an integer of 0 to 3600000"),
        ('[[show]]\nat_ms = 1.5\nkeys = "1"\n', "show 1.at_ms is 1.5"),
        ('[[show]]\nat_ms = 3_600_001\nkeys = "1"\n', "show 1.at_ms"),
        ('[[show]]\nat_ms = 0\nkeys = "1"\nfor_ms = 3\n', "show 1.for_ms is 3; it must be removed"),
        (A + '[[show]]\nat_ms = 0\nkeys = "1"\n', "show 2.at_ms is 0; it must be later than the 0"),
        (A + A.replace("at_ms = 0", "at_ms = 50"), "show 1.for_ms is 100; it must be at most 50"),
        ('[[show]]\nat_ms = 0\npicture = "a.jpg"\n', "show 1.for_ms is missing"),
        ("[[show]]\nat_ms = 5\nfor_ms = 3_599_996\nnobody = true\n", "at most 3599995"),
        ("[[show]]\nat_ms = 0\nnobody = false\n", "show 1.nobody is False; it must be true"),
        (A + 'badge = "HW1:x"\n', "show 1.badge is 'HW1:x'; it must be removed: the entry shows a picture"),
        (A + "nobody = true\n", "show 1.nobody is True; it must be removed"),
        (A + "pictures = 1\n", "show 1.pictures is 1; it must be removed: known here are at_ms"),
        (A + 'keys = ""\n', "show 1.keys"),
        (A + 'keys = "12#"\n', "show 1.keys is '12#'; it must be 1 to 64 of 0-9, E"),
        (A + 'keys = "１２"\n', "show 1.keys"),
        (A + f'keys = "{"1" * 65}"\n', "show 1.keys"),
        (A + "keys = 123\n", "show 1.keys is 123"),
        (A.replace('picture = "a.jpg"', 'badge = "HW1:ắ"'), "show 1.badge"),
        (A.replace('picture = "a.jpg"', f'badge = "{"x" * 1001}"'), "show 1.badge"),
        (A.replace('picture = "a.jpg"', r'badge = "a\nb"'), "show 1.badge"),
        (A.replace("a.jpg", "b.jpg"), "show 1.picture is 'b.jpg'; it must be a photograph in"),
        (A.replace("a.jpg", "../outside.jpg"), "not outside it"),
        (A.replace("a.jpg", "leads-out.jpg"), "not outside it"),
        (A.replace("a.jpg", "deeper/outside.jpg"), "not outside it"),
        (A.replace("a.jpg", "round.jpg"), "show 1.picture"),
        (A.replace("a.jpg", "/etc/passwd"), "not outside it"),
        (A.replace("a.jpg", r"a\u0000.jpg"), "show 1.picture"),
        (A.replace("a.jpg", "x" * 5_000), "show 1.picture"),
    ],
)
def test_what_is_wrong_is_said_with_what_is_allowed(folder: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as found:
        parsed(folder, text)
    assert found.value.what.startswith(str(folder / "recording.toml"))
    assert words in found.value.what


def test_ten_thousand_shows_are_read_and_one_more_is_not(folder: Path) -> None:
    lines = [f'[[show]]\nat_ms = {n}\nkeys = "1"\n' for n in range(SHOWS_MAX + 1)]
    assert len(parsed(folder, "".join(lines[:-1])).presses) == SHOWS_MAX
    with pytest.raises(ConfigError, match="1 to 10,000"):
        parsed(folder, "".join(lines))


def test_a_recording_lasts_an_hour_at_most(folder: Path) -> None:
    recording = parsed(folder, A.replace("for_ms = 100", f"for_ms = {LASTS_MS_MAX}"))
    assert recording.ends_ms == LASTS_MS_MAX
    assert recording.shown_at(LASTS_MS_MAX - 1) == folder / "a.jpg"
    with pytest.raises(ConfigError, match="for_ms"):
        parsed(folder, A.replace("for_ms = 100", f"for_ms = {LASTS_MS_MAX + 1}"))


def test_a_file_that_is_no_text_or_no_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "recording.toml"
    for make, words in [
        (lambda: None, "not a file"),
        (lambda: file.write_bytes(b"\xff\xfe"), "not UTF-8"),
        (lambda: file.write_bytes(b"#" * (FILE_BYTES_MAX + 1)), "larger than 8 MiB"),
        (lambda: (file.unlink(), file.mkdir()), "not a file"),
        (lambda: (file.rmdir(), os.mkfifo(file)), "not a file"),
    ]:
        make()
        with pytest.raises(ConfigError, match=words):
            read_recording(file)


VALUES = st.one_of(
    st.integers(-5, 5_000_000),
    st.booleans(),
    st.text("0123456789ECx./", max_size=6),
    st.just("a.jpg"),
    st.floats(),
)
FIELDS = st.sampled_from(["at_ms", "for_ms", "picture", "badge", "nobody", "keys", "noise"])


@given(shows=st.lists(st.dictionaries(FIELDS, VALUES, max_size=4), max_size=4))
def test_whatever_is_written_it_is_a_recording_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, shows: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "a.jpg").write_bytes(b"")
    text = "".join(
        "[[show]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in show.items()) for show in shows
    )
    try:
        recording = parsed(folder, text)
    except ConfigError:
        return
    assert 0 <= recording.ends_ms <= LASTS_MS_MAX + 1
    ends = [sight.end_ms for sight in recording.sights]
    assert all(end <= sight.at_ms for end, sight in zip(ends, recording.sights[1:], strict=False))


def toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | float | int) else f'"{value}"'
