"""The emulation of 64-bit Arm: what is missing is one sentence and status 78; what is made is made once."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts import arm64, arm_root
from scripts.arm_root import PROCESSORS, TOOLS
from scripts.environment import ROOT, SetupFailed

SCRIPT = """#!/bin/sh
echo "$@" >> "{calls}"
{then}
"""
# What debootstrap leaves behind, as far as it matters: the essential system, and lists of the rest.
UNPACKS = r"""
eval "root=\${$(($# - 1))}"
mkdir -p "$root/debootstrap" "$root/usr/lib" "$root/tmp" "$root/var"
ln -s usr/lib "$root/lib"
ln -s /proc "$root/proc"
: > "$root/debootstrap/base"
: > "$root/debootstrap/debpaths"
"""


@pytest.fixture
def debootstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """A program in the place of debootstrap (and of fakeroot, which starts it); -> the file of its calls."""

    def install(then: str) -> Path:
        programs, calls = tmp_path / "programs", tmp_path / "calls"
        programs.mkdir()
        for name, text in (
            ("debootstrap", SCRIPT.format(calls=calls, then=then)),
            ("fakeroot", '#!/bin/sh\n"$@"\n'),
        ):
            (programs / name).write_text(text, encoding="utf-8")
            (programs / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
        return calls

    return install


def test_nothing_is_said_when_nothing_is_missing() -> None:
    assert arm_root.missing_tools(lambda tool: f"/usr/bin/{tool}", "x86_64", is_root=False) is None


@pytest.mark.parametrize("gone", TOOLS)
def test_each_missing_tool_is_a_package_to_install(gone: str) -> None:
    said = arm_root.missing_tools(lambda tool: None if tool == gone else tool, "x86_64", is_root=True)
    assert said is not None
    assert said.endswith(f"type `sudo apt install {TOOLS[gone]}`")


def test_who_is_not_root_needs_fakeroot_too() -> None:
    def all_but_fakeroot(tool: str) -> str | None:
        return None if tool == "fakeroot" else tool

    assert arm_root.missing_tools(all_but_fakeroot, "x86_64", is_root=True) is None
    assert "apt install fakeroot`" in str(arm_root.missing_tools(all_but_fakeroot, "x86_64", is_root=False))


def test_an_arm_machine_is_not_compared_with_itself() -> None:
    said = arm_root.missing_tools(lambda tool: tool, "aarch64", is_root=True)
    assert said is not None
    assert "nothing to emulate" in said


def test_without_its_tools_the_command_ends_with_one_sentence_and_78(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "scripts.arm64"],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 78
    assert "qemu-user-static" in result.stderr or "nothing to emulate" in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("printed", "mirror"),
    [
        (
            "Debian|Debian-Security|http://a\nDebian|Debian|http://b/debian\nDebian|Debian|http://c\n",
            "http://b/debian",
        ),
        ("Somebody|Debian|http://a\nDebian|Debian|cdrom:[x]\n", None),
        ("Debian|Debian|https://a\n", "https://a"),
        ("Debian\n\n", None),
        ("", None),
    ],
)
def test_the_mirror_is_the_one_of_apt(printed: str, mirror: str | None) -> None:
    assert arm_root.mirror_of(printed) == mirror


def test_a_machine_whose_apt_knows_no_mirror_is_told_to_name_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupFailed, match="--mirror") as caught:
        arm_root.make_root(tmp_path / "arm64", None)
    assert caught.value.status == 78


def test_a_mirror_that_does_not_answer_is_a_sentence_and_leaves_no_root(
    tmp_path: Path, debootstrap: Callable[[str], Path]
) -> None:
    debootstrap('echo "E: Failed getting release file"\nexit 1')
    with pytest.raises(SetupFailed, match="mirror") as caught:
        arm_root.make_root(tmp_path / "arm64", "http://127.0.0.1:1")
    assert caught.value.status == 78
    assert not (tmp_path / "arm64" / "root").exists()
    assert "release file" in (tmp_path / "arm64" / "debootstrap.log").read_text(encoding="utf-8")


def test_the_root_is_made_once_and_hides_nothing_of_this_machine(
    tmp_path: Path, debootstrap: Callable[[str], Path]
) -> None:
    calls = debootstrap(UNPACKS)
    half_made = tmp_path / "arm64" / "root.partial-1" / "usr" / "torn"
    half_made.parent.mkdir(parents=True)
    half_made.write_bytes(b"")
    for _ in range(2):
        root = arm_root.make_root(tmp_path / "arm64", "http://127.0.0.1:1")
    assert calls.read_text(encoding="utf-8").count("--arch=arm64") == 1
    assert {path.name for path in root.iterdir()} == {"lib", "usr", arm_root.STAMP}
    assert not (root / "usr" / "torn").exists()
    assert [path.name for path in root.parent.iterdir() if path.name != "debootstrap.log"] == ["root"]


def test_a_root_of_another_release_is_made_anew(
    tmp_path: Path, debootstrap: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = debootstrap(UNPACKS)
    arm_root.make_root(tmp_path, "http://127.0.0.1:1")
    monkeypatch.setattr(arm_root, "SUITE", "trixie")
    arm_root.make_root(tmp_path, "http://127.0.0.1:1")
    assert [line.split()[-3] for line in calls.read_text(encoding="utf-8").splitlines()] == [
        "bookworm",
        "trixie",
    ]


def test_only_the_pins_of_the_other_machine_are_fetched_without_their_markers() -> None:
    everywhere = "a==1 \\\n    --hash=sha256:1 \\\n    --hash=sha256:2\n"
    elsewhere = 'b==1 ; platform_machine == "x86_64" \\\n    --hash=sha256:3\n'
    there = 'c==1 ; platform_machine == "aarch64" \\\n    --hash=sha256:4\n'
    assert arm_root.pins_for("aarch64", everywhere + elsewhere + there).split("\n") == [
        "a==1 --hash=sha256:1     --hash=sha256:2",
        "c==1 --hash=sha256:4",
        "",
    ]


def test_the_emulated_machine_is_shown_an_arm_processor(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    arm_root.show_processor(tmp_path, "cortex-a72")
    shown = (tmp_path / "root" / "proc" / "cpuinfo").read_text(encoding="ascii")
    assert shown.count("CPU part\t: 0xd08") == os.cpu_count()
    assert "asimddp" not in shown
    assert "asimddp" in arm_root.cpuinfo("cortex-a76", 1)
    assert arm64.CPU in PROCESSORS


def test_a_recording_that_is_not_there_is_said_before_anything_is_fetched(tmp_path: Path) -> None:
    (tmp_path / "SHA256SUMS").write_bytes(b"")
    with pytest.raises(SetupFailed, match="no such recording") as caught:
        arm64.work(tmp_path / "gone", tmp_path)
    assert caught.value.status == 78
    with pytest.raises(SetupFailed, match="make models"):
        arm64.work(tmp_path, tmp_path / "no-models")
    assert arm64.work(tmp_path, tmp_path)[-1] == "--json"


def test_a_run_that_fails_says_its_last_words() -> None:
    failing = "import sys; sys.exit('this went wrong')"
    with pytest.raises(SetupFailed, match="here failed with status 1: this went wrong"):
        arm64.run([sys.executable, "-c", failing], "here", dict(os.environ))
    with pytest.raises(SetupFailed, match="something else than decisions"):
        arm64.run([sys.executable, "-c", "print('hello')"], "here", dict(os.environ))
