import { setText } from "./elements.js";
import { word } from "./language.js";
import { ask } from "./server.js";

const POLL_MS = 700;
const SIGNS = { sending: "◔", pending: "◔", passed: "✓", expired: "!", "not-admitted": "✕" };
let current = null; // {gate, person, order, state, code, sentence, since}

/** Fresh for each tap; sent again, it admits nobody twice. */
function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function tap(gate, person, reason, note) {
  current = { gate, person, order: { id: freshId(), member: person.member, reason, note } };
  send(current);
}

export function retry() {
  // The same id where the answer was lost: the first may have arrived. A fresh one where it came to nothing.
  const { gate, person, order, code } = current;
  if (code === "unreachable") send(current);
  else tap(gate, person, order.reason, order.note);
}

export function forgetTap() {
  current = null;
}

async function send(mine) {
  Object.assign(mine, { state: "sending", code: "", sentence: "", since: performance.now() });
  drawOutcome();
  const answer = await ask("POST", `/api/gates/${mine.gate}/admit`, mine.order);
  if (answer.ok) follow(mine, answer.body.state);
  else refused(mine, answer.body);
}

function refused(mine, body) {
  Object.assign(mine, { state: "not-admitted", code: body.code, sentence: body.sentence });
  if (mine === current) drawOutcome();
}

async function follow(mine, state) {
  mine.state = state;
  if (mine !== current) return;
  drawOutcome();
  if (state !== "pending") return;
  await new Promise((done) => setTimeout(done, POLL_MS));
  const answer = await ask("GET", `/api/gates/${mine.gate}/admit/${mine.order.id}`);
  // A look that fails says nothing about the tap: look again.
  follow(mine, answer.ok ? answer.body.state : "pending");
}

export function drawOutcome() {
  if (!current) return;
  const { state, person, code, sentence } = current;
  const place = document.getElementById("outcome");
  place.dataset.state = state;
  setText(place.querySelector(".sign"), SIGNS[state]);
  setText(place.querySelector(".said"), word(state));
  setText(place.querySelector(".whose"), person.name);
  setText(place.querySelector(".seat-line"), person.seat ? `${word("seat")} ${person.seat}` : "");
  setText(place.querySelector(".help"), help(state, code, sentence));
  document.getElementById("again").hidden = state !== "expired" && state !== "not-admitted";
  document.getElementById("next").hidden = state === "sending";
}

function help(state, code, sentence) {
  if (state === "expired") return word("expired-help");
  if (state !== "not-admitted") return "";
  const ours = { "gate-silent": "say-gate-silent", "no-sitting": "say-no-sitting", "not-found": "say-not-found",
    "member-withdrawn": "say-member-withdrawn", unreachable: "unreachable" }[code];
  return ours ? word(ours) : sentence;
}
