"""Whatever the bytes are, the answer is a report: here, with -O, and under every Python that is here."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verifier.conftest import Remembering, pinned_of
from tests.verifier.election import Election
from verifier import verify
from wire import cbor

pytestmark = pytest.mark.slow

PROGRAM = Path(verify.__file__)
NOTHING = verify.Pinned(None, None, None, None, None)
items = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**33), 2**64 - 1)
    | st.binary(max_size=40)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=12,
)


def stumbled(report: verify.Report) -> list[str]:
    """Faults that only the last net caught: total, but a sentence for nobody."""
    return [fault.sentence for fault in report.faults if "could not be examined" in fault.sentence]


@given(st.binary(max_size=200))
def test_any_bytes_end_in_a_report(data: bytes) -> None:
    report = verify.verify(data, NOTHING, Remembering(1))
    assert report.faults
    assert list(verify.printed(report, NOTHING))


@settings(max_examples=60, deadline=None)
@given(st.lists(items, max_size=6))
def test_any_values_after_a_header_end_in_a_report(honest: Election, values: list[Any]) -> None:
    header = ["hallward-log/2", "c", "h", bytes(16), bytes(32), bytes(32), honest.charter]
    data = b"".join(map(cbor.encode, [header, *values]))
    report = verify.verify(data, NOTHING, Remembering(1))
    assert not stumbled(report)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_in_any_place_of_any_thing_ends_in_a_report(honest: Election, data: st.DataObject) -> None:
    things = [
        "charter",
        "key-record",
        "roll",
        "roll-rows",
        "manifest",
        "bind swap",
        "close",
        "disposition",
        "tally",
    ]
    things += ["share 1", "result", "cast 3", "prepared 3", "ready 3", "checked 8", "end 3", "record open"]
    things += [
        "record beacon/1",
        "record refusal",
        "record store/1",
        "document manifest",
        "record result page 0",
    ]
    name, value = data.draw(st.sampled_from(things)), data.draw(items)

    def twist(thing: Any) -> Any:
        if not isinstance(thing, list) or data.draw(st.integers(0, 2)) == 0:
            return value
        place = data.draw(st.integers(0, len(thing) - 1)) if thing else 0
        return [*thing[:place], twist(thing[place]) if thing else value, *thing[place + 1 :]]

    election = Election(twists={name: lambda thing: twist(thing) if isinstance(thing, list) else thing})
    try:
        election.held()
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return  # the forger's own tools broke: there is no export
    report = verify.verify(election.export(), pinned_of(honest, root=None), Remembering(1))
    assert report.faults
    assert not stumbled(report)


@pytest.mark.slow
def test_no_damage_to_the_file_ends_in_a_traceback(honest: Election) -> None:
    export, rng = honest.export(), random.Random(5)
    for _ in range(300):
        damaged = bytearray(export)
        for _ in range(rng.choice((1, 1, 2, 5))):
            place = rng.randrange(len(damaged))
            if rng.random() < 0.2:
                del damaged[place : place + rng.randrange(1, 40)]
            else:
                damaged[place] = rng.randrange(256)
        if damaged == export:
            continue
        report = verify.verify(bytes(damaged), pinned_of(honest), Remembering(1))
        # Verdicts and the results of open questions are claims that no root covers.
        assert report.faults or bytes(damaged)[:200] == export[:200]
        assert not stumbled(report)


# -- the command line ------------------------------------------------------------------------------------


def pythons() -> list[str]:
    """Interpreters that are here, by the names under which they are commonly found."""
    found = []
    for version in ("3.9", "3.11", "3.13"):
        own = version == f"{sys.version_info[0]}.{sys.version_info[1]}"
        roots = [Path(path) for path in ("/usr/bin", "/usr/local/bin")]
        roots += sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin"))
        places = [root / f"python{version}" for root in roots]
        here = sys.executable if own else next((str(place) for place in places if place.exists()), "")
        found.append(here or version)
    return found


def run(python: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [python, *words], capture_output=True, text=True, check=False, timeout=120, encoding="utf-8"
    )


@pytest.fixture(scope="module")
def files(honest: Election, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("export")
    (folder / "log").write_bytes(honest.export())
    (folder / "charter").write_bytes(honest.charter)
    bad = Election(twists={"cast 3": lambda thing: [*thing[:7], [2, thing[7][1]]]}).held()
    (folder / "bad").write_bytes(bad.export())
    return {
        "log": str(folder / "log"),
        "bad": str(folder / "bad"),
        "charter": str(folder / "charter"),
        "root": honest.root.hex(),
        "size": str(len(honest.leaves)),
    }


def minutes(files: dict[str, str]) -> list[str]:
    return ["--charter", files["charter"], "--root", files["root"], "--size", files["size"]]


@pytest.mark.slow
@pytest.mark.parametrize("python", pythons(), ids=["3.9", "3.11", "3.13"])
@pytest.mark.parametrize("optimised", [False, True])
def test_every_python_gives_the_same_answers(python: str, optimised: bool, files: dict[str, str]) -> None:
    if not Path(python).exists():
        pytest.skip(f"Python {python} is not on this machine")
    flags = ["-I", "-X", "utf8", *(["-O"] if optimised else []), str(PROGRAM)]
    answers = [
        run(python, *flags, files["log"], *minutes(files)),
        run(python, *flags, files["log"]),
        run(python, *flags, files["bad"], *minutes(files)),
        run(python, *flags, files["log"] + "-none"),
        run(python, *flags, files["log"], "--root", "beef"),
    ]
    assert [answer.returncode for answer in answers] == [0, 3, 1, 2, 2], [a.stderr for a in answers]
    assert "COMPLETE: all twelve checks hold" in answers[0].stdout
    assert "INTERNALLY CONSISTENT ONLY" in answers[1].stdout
    assert "LỖI check 7, leaf" in answers[2].stdout
    assert not any("Traceback" in answer.stderr for answer in answers)


@pytest.mark.slow
def test_several_processes_and_json_give_the_same_answer(files: dict[str, str]) -> None:
    words = ["-I", str(PROGRAM), files["log"], *minutes(files), "--json"]
    one, two = (run(sys.executable, *words, "--jobs", jobs) for jobs in ("1", "2"))
    assert one.stdout == two.stdout
    told = json.loads(one.stdout)
    assert told["exit"] == 0
    assert told["faults"] == []
    assert told["results"][0]["totals"] == [8, 3, 1]


def test_a_missing_file_is_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert verify.main([str(tmp_path / "nothing")]) == verify.UNUSABLE
    assert "cannot be read" in capsys.readouterr().err


def test_an_empty_file_is_a_fault(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert verify.main([str(tmp_path / "empty")]) == verify.FAULTY
    assert "cannot be read on" in capsys.readouterr().out


@pytest.mark.slow
def test_five_hundred_voters_are_counted() -> None:
    crowd = Election(crowd=488).held()
    report = verify.verify(crowd.export(), pinned_of(crowd), verify.Workers(1))
    assert not report.faults
    assert report.results[0]["totals"] == [496, 3, 1]
