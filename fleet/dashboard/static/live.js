// The live page: one state, sent whole by the server, shown here. Ages go on by themselves, so that nothing freezes green.
import { language, onLanguage, word } from "./language.js";
import { drawBallot, drawNames } from "./ballot.js";
import { drawGates, drawRoll, drawLog } from "./hall.js";
import { drawSeats, redrawSeats } from "./seats.js";

const LOST_MS = 12000; // two heartbeats and a bit
let state = null;
let gates = [];
let receivedAt = 0;
let signedOut = false;

/** The server's time now, by this browser's steady clock. */
function serverNow() {
  return state.at_ms + (performance.now() - receivedAt);
}

const drawn = {};

/** Draw a part only when it changed, so that readers aloud and selections are left in peace. */
function draw(part, drawer, value) {
  const seen = language() + JSON.stringify(value);
  if (drawn[part] === seen) return;
  drawn[part] = seen;
  drawer(value);
}

function show() {
  if (!state) return;
  if (!state.trouble) {
    draw("ballot", drawBallot, state.question);
    draw("roll", drawRoll, state.sitting);
    draw("log", drawLog, state.log);
    drawSeats(state.devices.keypads);
    gates = state.devices.gates;
  }
  tick();
}

function tick() {
  const silentMs = performance.now() - receivedAt;
  const lost = !state || silentMs > LOST_MS;
  const link = document.getElementById("link");
  const kind = state && state.trouble ? "trouble" : lost ? (state ? "lost" : "connecting") : "live";
  link.dataset.link = kind;
  const age = kind === "lost" ? ` (${Math.round(silentMs / 1000)} s)` : "";
  const said = word(kind) + age + (kind === "trouble" ? `: ${state.trouble}` : "");
  const place = document.getElementById("link-words");
  if (place.textContent !== said) place.textContent = said;
  document.body.classList.toggle("old", kind !== "live");
  if (!state) return;
  drawGates(gates, serverNow());
  redrawSeats(serverNow());
}

function connect() {
  const stream = new EventSource("/api/board/events");
  stream.addEventListener("board", (event) => {
    state = JSON.parse(event.data);
    receivedAt = performance.now();
    show();
  });
  stream.addEventListener("signed-out", () => {
    stream.close();
    location.assign("/sign-in");
  });
  stream.addEventListener("error", () => {
    // The browser tries again by itself, except when it was refused: then the sign-in is over, or the server restarts.
    if (stream.readyState === EventSource.CLOSED && !signedOut) setTimeout(again, 2000);
  });
}

async function again() {
  try {
    const answer = await fetch("/api/me");
    if (answer.status === 401) location.assign("/sign-in");
    else connect();
  } catch {
    setTimeout(again, 2000);
  }
}

document.getElementById("sign-out").addEventListener("click", async () => {
  signedOut = true;
  await fetch("/api/sign-out", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: "{}",
  }).catch(() => null);
  location.assign("/sign-in");
});
document.getElementById("by-name").addEventListener("toggle", (event) => {
  if (event.target.open && state && state.question) drawNames(state.question.question);
});
document.getElementById("only").addEventListener("change", () => state && redrawSeats(serverNow()));
onLanguage(() => {
  show();
  if (document.getElementById("by-name").open && state && state.question) drawNames(state.question.question);
});
connect();
setInterval(tick, 1000);
