"""The usher's tap when answers are lost: the page's own script, run on a made-up page, clock and network."""

import json
import shutil
import subprocess
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from fleet.dashboard.words import WORDS

NODE = shutil.which("node")
STATIC = files("fleet.dashboard") / "static"
Play = Callable[[str], tuple[list[dict[str, object]], list[str]]]
MODULES = ("lane_tap.js", "elements.js", "language.js", "server.js")

DRIVER = """
import { readFileSync } from "node:fs";

const made = new Map();
function element() {
  const parts = new Map();
  const part = (name) => parts.get(name) ?? (parts.set(name, element()), parts.get(name));
  return { dataset: {}, hidden: false, textContent: "", querySelector: part };
}
const at = (id) => made.get(id) ?? (made.set(id, element()), made.get(id));
globalThis.document = { documentElement: element(), getElementById: at, querySelectorAll: () => [] };
at("words").textContent = readFileSync("words.json", "utf8");

let now = 0;
const timers = [];
globalThis.setTimeout = (action, ms) => timers.push({ action, due: now + ms });
const settle = async () => { for (let turn = 0; turn < 50; turn++) await Promise.resolve(); };

/** The clock goes on by ms, and what is due happens at its time. */
async function pass(ms) {
  const end = now + ms;
  for (;;) {
    await settle();
    timers.sort((one, other) => one.due - other.due);
    if (!timers.length || timers[0].due > end) break;
    now = timers[0].due;
    timers.shift().action();
  }
  now = end;
}

const sent = [];
const said = [];
const answer = (status, body) => ({ ok: status < 300, status, json: async () => body });
let network = () => { throw new TypeError("no network"); };
globalThis.fetch = async (path, options) => {
  if (options.method === "POST") sent.push(JSON.parse(options.body).id);
  return network(path, options);
};
const { tap, retry } = await import("./lane_tap.js");
const shown = () => {
  const place = at("outcome");
  const [word, help] = [".said", ".help"].map((name) => place.querySelector(name).textContent);
  return { state: place.dataset.state, word, help, again: !at("again").hidden };
};
const touch = () => tap("gate-1", { member: "ab", name: "Somebody", seat: "" }, "no-match", "");
const pending = (_path, { method }) => answer(method === "POST" ? 202 : 200, { state: "pending" });
const none = () => { throw new TypeError("no network"); };
const hangs = () => new Promise(() => {});
"""


@pytest.fixture
def run(tmp_path: Path) -> Play:
    """A scenario in the page's own language -> what it has noted in `said`, and the ids that were sent."""
    if NODE is None:
        pytest.skip("no JavaScript engine: `node` is not installed")
    for name in MODULES:
        (tmp_path / name).write_text((STATIC / name).read_text())
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "words.json").write_text(json.dumps(WORDS))

    def play(scenario: str) -> tuple[list[dict[str, object]], list[str]]:
        last = "\nprocess.stdout.write(JSON.stringify({ said, sent }));\n"
        (tmp_path / "drive.mjs").write_text(DRIVER + scenario + last)
        assert NODE is not None
        done = subprocess.run(
            [NODE, "drive.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        return told["said"], told["sent"]

    return play


@pytest.mark.parametrize("lost", ["none", "hangs"])
def test_told_and_then_no_network_it_ends_after_30_s_by_the_phones_own_clock(run: Play, lost: str) -> None:
    said, sent = run(f"""
network = pending; touch(); await pass(1000);
network = {lost};
await pass(28000); said.push(shown());
await pass(2000); said.push(shown());
await pass(60000); said.push(shown());
network = pending; retry(); await pass(100); said.push(shown());
""")
    assert (said[0]["state"], said[0]["again"]) == ("pending", False)
    for later in said[1:3]:
        assert (later["state"], later["again"]) == ("expired", True)
        assert (later["word"], later["help"]) == (WORDS["expired"][0], WORDS["expired-help"][0])
    assert said[3]["state"] == "pending"
    assert sent == [sent[0]] * 2, "the first may have arrived: the same id again"


def test_a_tap_whose_answer_never_comes_is_given_up_and_sent_again_with_the_same_id(run: Play) -> None:
    said, sent = run("""
network = hangs; touch(); await pass(29000); said.push(shown());
await pass(2000); said.push(shown());
network = pending; retry(); await pass(100); said.push(shown());
""")
    assert [each["state"] for each in said] == ["sending", "not-admitted", "pending"]
    assert said[1]["help"] == WORDS["unreachable"][0]
    assert sent == [sent[0]] * 2


@pytest.mark.parametrize(
    ("status", "code"), [(503, "store"), (500, "trouble"), (409, "gate-silent"), (409, "no-sitting")]
)
def test_a_tap_that_the_server_refused_is_sent_again_with_the_same_id(
    run: Play, status: int, code: str
) -> None:
    said, sent = run(f"""
network = () => answer({status}, {{ code: "{code}", sentence: "The store is full." }});
touch(); await pass(100); said.push(shown());
retry(); await pass(100);
""")
    assert (said[0]["state"], said[0]["again"]) == ("not-admitted", True)
    assert sent == [sent[0]] * 2


def test_where_the_server_says_that_nobody_passed_the_next_tap_is_a_fresh_one(run: Play) -> None:
    said, sent = run("""
network = pending; touch(); await pass(1000);
network = () => answer(200, { state: "expired" }); await pass(1000); said.push(shown());
network = pending; retry(); await pass(100);
""")
    assert said[0]["state"] == "expired"
    assert len(set(sent)) == 2


def test_that_somebody_passed_is_shown_even_when_the_phone_had_given_up(run: Play) -> None:
    said, _ = run("""
let late;
network = pending; touch(); await pass(1000);
network = () => new Promise((done) => { late = done; });
await pass(31000); said.push(shown());
late(answer(200, { state: "passed" })); await pass(10); said.push(shown());
await pass(60000); said.push(shown());
""")
    assert [each["state"] for each in said] == ["expired", "passed", "passed"]
