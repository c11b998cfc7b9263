// The freeze of an open sitting, and the two people who may lift it.
import { make, setText } from "./elements.js";
import { language, word } from "./language.js";
import { ask } from "./server.js";

const place = (id) => document.getElementById(id);
let sitting = null;
let hands = null;

function line(row) {
  const what = row.device || word("whole-hall");
  const element = make("li", "", make("p", "", word(`lift-${row.state}`, { ...row, what })));
  if (!hands.lifts) return element;
  if (row.state === "asked" && row.first !== hands.account) element.append(hand(row, "agree"));
  element.append(hand(row, "end"));
  return element;
}

function hand(row, act) {
  const button = make("button", act === "end" ? "second" : "", word(act === "end" && row.state === "asked" ? "lift-drop" : `lift-${act}`));
  button.type = "button";
  button.addEventListener("click", async () => {
    const answer = await ask("POST", `/api/freeze/overrides/${row.id}/${act}`, {});
    hands.say("say-lift", answer.ok ? null : answer.body);
    hands.look();
  });
  return button;
}

/** frozen: name of the sitting, or null; overrides: those that wait for a second person, and those in force. */
export function drawFreeze(freeze, given) {
  hands = given;
  sitting = freeze.sitting;
  setText(place("freeze"), sitting ? `■ ${word("is-frozen", { sitting })}` : word("not-frozen"));
  const rows = freeze.overrides.filter((row) => row.state === "asked" || row.state === "lifted");
  const key = JSON.stringify([rows, language()]);
  if (place("overrides").dataset.drawn !== key) {
    place("overrides").dataset.drawn = key;
    place("overrides").replaceChildren(...rows.map(line));
  }
  const form = place("lift");
  if (form) form.hidden = !sitting;
}

place("lift")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = {
    sitting,
    device: place("lift-device").value.trim() || null,
    reason: place("lift-reason").value,
    minutes: Number(place("lift-minutes").value),
  };
  const answer = await ask("POST", "/api/freeze/overrides", body);
  hands.say("say-lift", answer.ok ? null : answer.body);
  if (answer.ok) place("lift").reset();
  hands.look();
});
