import { setText } from "./elements.js";
import { word } from "./language.js";
import { ask, sentence } from "./server.js";

const POLL_MS = 700;
const WAIT_MS = 30000; // as the server waits; without a network the phone has to end it by its own clock
const SIGNS = { sending: "◔", pending: "◔", passed: "✓", expired: "!", "not-admitted": "✕" };
let current = null; // {gate, person, order, state, code, body, attempt}; body: of a refusal
let attempts = 0;

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
  // The same id wherever the first may have arrived, or was refused: sent again, it admits nobody twice. A fresh
  // one where the server itself has said that nobody came of it, or that the id is somebody else's.
  const { gate, person, order, state, code } = current;
  if ((state === "expired" && code === "") || code === "id-used") tap(gate, person, order.reason, order.note);
  else send(current);
}

export function forgetTap() {
  current = null;
}

async function send(mine) {
  const attempt = ++attempts;
  Object.assign(mine, { state: "sending", code: "", body: {}, attempt });
  drawOutcome();
  setTimeout(() => giveUp(mine, attempt), WAIT_MS);
  const answer = await ask("POST", `/api/gates/${mine.gate}/admit`, mine.order);
  if (mine.attempt !== attempt) return;
  if (answer.ok) follow(mine, attempt, answer.body.state);
  else refused(mine, answer.body);
}

/** Nobody has said what became of the tap. A request without a network may hang for minutes: not waited for. */
function giveUp(mine, attempt) {
  if (mine.attempt !== attempt) return;
  if (mine.state === "sending") refused(mine, { code: "unreachable" });
  if (mine.state !== "pending") return;
  Object.assign(mine, { state: "expired", code: "unreachable" });
  if (mine === current) drawOutcome();
}

function refused(mine, body) {
  Object.assign(mine, { state: "not-admitted", code: body.code, body });
  if (mine === current) drawOutcome();
}

async function follow(mine, attempt, state) {
  if (mine !== current || mine.attempt !== attempt) return;
  // Of a tap that this phone has given up, the server may still say that somebody passed; not that it waits.
  if (mine.code === "unreachable" && state === "pending") return;
  Object.assign(mine, { state, code: "", body: {} });
  drawOutcome();
  if (state !== "pending") return;
  await new Promise((done) => setTimeout(done, POLL_MS));
  const answer = await ask("GET", `/api/gates/${mine.gate}/admit/${mine.order.id}`);
  // A look that fails says nothing about the tap: look again.
  follow(mine, attempt, answer.ok ? answer.body.state : "pending");
}

export function drawOutcome() {
  if (!current) return;
  const { state, person, code, body } = current;
  const place = document.getElementById("outcome");
  place.dataset.state = state;
  setText(place.querySelector(".sign"), SIGNS[state]);
  setText(place.querySelector(".said"), word(state));
  setText(place.querySelector(".whose"), person.name);
  setText(place.querySelector(".seat-line"), person.seat ? `${word("seat")} ${person.seat}` : "");
  setText(place.querySelector(".help"), help(state, code, body));
  document.getElementById("again").hidden = state !== "expired" && state !== "not-admitted";
  document.getElementById("next").hidden = state === "sending";
}

function help(state, code, body) {
  if (state === "expired") return word("expired-help");
  if (state !== "not-admitted") return "";
  const ours = { "gate-silent": "say-gate-silent", "no-sitting": "say-no-sitting", "not-found": "say-not-found",
    "member-withdrawn": "say-member-withdrawn", unreachable: "unreachable" }[code];
  return ours ? word(ours) : sentence(body);
}
