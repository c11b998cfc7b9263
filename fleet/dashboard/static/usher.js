// The usher's page: choose the gate once, find the person, touch a reason. The parts are in lane_*.js.
import { ask } from "./server.js";
import { onLanguage, word } from "./language.js";
import { chosen, drawGates, isHeld, learnGates, leaveGate, setHeld, standsReady } from "./lane_gate.js";
import { clearSearch, drawFound, look } from "./lane_search.js";
import { drawOutcome, forgetTap, retry, tap } from "./lane_tap.js";

const GATES_MS = 3000;
const SEARCH_MS = 200;
const element = (id) => document.getElementById(id);
let person = null;
let waiting = 0;

/** Which of the steps is seen: choose, find, person or outcome. */
function show(step) {
  for (const id of ["choose", "find", "person", "outcome"]) element(id).hidden = id !== step;
  element("at-gate").hidden = step === "choose";
  element("change").hidden = step !== "find";
  element("hold").hidden = step !== "find";
}

function toSearch() {
  person = null;
  forgetTap();
  show(chosen() ? "find" : "choose");
  if (chosen()) element("q").focus();
}

function choosePerson(row) {
  person = row;
  element("person-name").textContent = row.name;
  drawPerson();
  element("other").hidden = true;
  element("note").value = "";
  show("person");
  element("person-name").focus();
  drawReady();
}

function drawPerson() {
  element("person-seat").textContent = person && person.seat ? `${word("seat")} ${person.seat}` : "";
}

function admit(reason, note) {
  show("outcome");
  tap(chosen(), person, reason, note);
}

function drawHold() {
  element("hold").textContent = word(isHeld() ? "resume-gate" : "hold-gate");
  element("hold").setAttribute("aria-pressed", String(isHeld()));
}

function drawReady() {
  drawHold();
  const ready = standsReady();
  element("by-hand").hidden = ready || !chosen();
  for (const button of element("reasons").children) button.disabled = !ready;
}

async function watchGates() {
  if (!document.hidden) await learnGates();
  drawReady();
  if (!chosen() && element("choose").hidden) toSearch();
  setTimeout(watchGates, GATES_MS);
}

element("gates").addEventListener("click", toSearch);
element("change").addEventListener("click", () => {
  leaveGate();
  toSearch();
});
element("hold").addEventListener("click", async () => {
  await setHeld(!isHeld());
  drawReady();
});
element("search").addEventListener("submit", (event) => {
  event.preventDefault();
  look(choosePerson);
});
element("q").addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => look(choosePerson), SEARCH_MS);
});
element("reasons").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const { reason } = button.dataset;
  element("other").hidden = reason !== "other";
  if (reason === "other") element("note").focus();
  else admit(reason, "");
});
element("other").addEventListener("submit", (event) => {
  event.preventDefault();
  if (standsReady()) admit("other", element("note").value.trim());
});
element("back").addEventListener("click", toSearch);
element("again").addEventListener("click", retry);
element("next").addEventListener("click", () => {
  clearSearch();
  toSearch();
});
element("sign-out").addEventListener("click", async () => {
  await ask("POST", "/api/sign-out", {});
  location.assign("/sign-in");
});
onLanguage(() => {
  drawGates();
  drawHold();
  drawFound();
  drawPerson();
  drawOutcome();
});
setInterval(() => {
  drawGates();
  drawReady();
}, 1000);
learnGates().then(() => {
  toSearch();
  watchGates();
});
