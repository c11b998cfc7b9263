import { age, conditionNow, make, setText, SIGNS } from "./elements.js";
import { word } from "./language.js";
import { ask, sentence } from "./server.js";

const KEY = "hallward-gate";
let gates = [];
let heardAt = 0; // of the server, by this phone's steady clock
let mine = remembered();
let trouble = null; // why the server did not do what it was asked last

function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing asks again
  }
}

function remember(name) {
  mine = name;
  try {
    if (name) localStorage.setItem(KEY, name);
    else localStorage.removeItem(KEY);
  } catch {
    // as above
  }
}

/** The gate chosen, if it is in service. */
export function chosen() {
  return gates.some((gate) => gate.gate === mine) ? mine : null;
}

export function leaveGate() {
  remember(null);
  drawGates();
}

/** Ask the server how the gates are; what it said last stays, and grows old, when it cannot be reached. */
export async function learnGates() {
  const answer = await ask("GET", "/api/gates");
  trouble = answer.ok ? null : answer.body;
  if (answer.ok) {
    gates = answer.body;
    heardAt = performance.now();
  }
  drawGates();
}

/** Its condition by now, and when it was last heard of, in the phone's own time. */
function now(gate) {
  const nowMs = performance.now();
  const seenMs = gate.age_s === null ? null : heardAt - gate.age_s * 1000;
  return { found: conditionNow(gate.word, seenMs, nowMs), since: age(seenMs, nowMs) };
}

/** Whether the chosen gate asks people to wait. */
export function isHeld() {
  return gates.some((gate) => gate.gate === mine && gate.held);
}

/** Put the chosen gate on hold, or let it go on; what the server answers is what is shown. */
export async function setHeld(held) {
  const answer = await ask("PUT", `/api/gates/${encodeURIComponent(mine)}/hold`, { held });
  trouble = answer.ok ? null : answer.body;
  if (answer.ok) gates = answer.body;
  drawGates();
}

/** Whether the chosen gate can be counted on. */
export function standsReady() {
  const gate = gates.find((each) => each.gate === mine);
  return Boolean(gate) && ["online", "attention"].includes(now(gate).found);
}

export function drawGates() {
  document.getElementById("trouble").hidden = !trouble;
  setText(document.getElementById("trouble"), trouble ? sentence(trouble) : "");
  const list = document.getElementById("gates");
  document.getElementById("no-gates").hidden = gates.length > 0;
  while (list.children.length > gates.length) list.lastChild.remove();
  gates.forEach((gate, at) => {
    const row = list.children[at] || list.appendChild(added());
    const button = row.firstChild;
    button.dataset.gate = gate.gate;
    fill(button, gate);
    setText(button.querySelector(".place"), gate.place);
  });
  const gate = gates.find((each) => each.gate === mine);
  if (gate) fill(document.getElementById("gate"), gate);
}

function added() {
  const sign = make("span", "sign");
  sign.setAttribute("aria-hidden", "true");
  const button = make("button", "gate", sign, make("span", "name"), make("span", "place"), make("span", "word"));
  button.type = "button";
  button.addEventListener("click", () => {
    remember(button.dataset.gate);
    drawGates();
  });
  return make("li", "", button);
}

function fill(place, gate) {
  const { found, since } = now(gate);
  place.dataset.condition = found;
  setText(place.querySelector(".sign"), SIGNS[found]);
  setText(place.querySelector(".name"), gate.gate);
  setText(place.querySelector(".word"), [word(found), since].filter(Boolean).join(" · "));
}
