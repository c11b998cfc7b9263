// A device of the hall, by its label: what it is, Identify, Test, and the exchange of a dead one for a spare.
import { onLanguage, pick, word } from "./language.js";
import { ask, complain, element, get, isShown, make, show, SIGNS } from "./page.js";
import { openClaim } from "./claim.js";

const KEY = "hallward-replace";
const KEPT_MS = 10 * 60 * 1000;
const POLL_MS = 1000;
const POLLS = 20;
let device = null;
let report = null;
let swapped = null;

/** The dead device that waits for its spare. Kept for ten minutes: the camera opens the next label in a new tab. */
function dead() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY));
    return kept && Date.now() - kept.at < KEPT_MS ? kept.device : null;
  } catch {
    return null;
  }
}

function keep(shown) {
  try {
    if (shown) localStorage.setItem(KEY, JSON.stringify({ at: Date.now(), device: shown }));
    else localStorage.removeItem(KEY);
  } catch {
    complain(["Trình duyệt không giữ được máy cũ; hãy chọn máy dự phòng trong danh sách.", "This browser keeps nothing; choose the spare from the list."]);
  }
}

const named = (shown) => `${shown.label || word(shown.role)} ${shown.serial || shown.device}`;

function draw() {
  if (device && isShown("device")) {
    const waits = dead();
    const isSwap = waits && waits.device !== device.device;
    element("swap-box").hidden = !isSwap;
    if (isSwap) element("swap-words").textContent = word("replaces", { dead: named(waits), spare: named(device) });
    element("device-sign").textContent = SIGNS[device.word] || "–";
    element("device-sign").dataset.colour = device.colour;
    element("device-name").textContent = `${word(device.role)} ${device.device}`;
    element("device-word").textContent = word(device.word);
    element("device-serial").textContent = device.serial || "–";
    element("device-place").textContent = device.label || word("no-place");
    element("identify").disabled = element("test").disabled = device.state !== "active";
    drawTest();
  }
  if (swapped && isShown("swapped")) drawSwapped();
}

function drawTest() {
  element("test-words").textContent = report ? word("tested") : word("not-tested");
  element("test-parts").replaceChildren(
    ...((report && report.results) || []).map(({ part, passed, detail }) =>
      make("li", "part", make("span", "", part), make("span", "", `${passed ? "✓" : "✕"} ${word(passed ? "passed" : "failed")} ${detail || ""}`)),
    ),
  );
}

/** By whatever stands on it; true when there was one. */
export async function openDevice(text) {
  const found = await get("GET", `/api/find?text=${encodeURIComponent(text)}`);
  if (!found) return false;
  if (!found.device) {
    await openClaim(found.claims[0]);
    return true;
  }
  device = found.device;
  report = null;
  element("device-said").hidden = true;
  show("device");
  draw();
  report = await get("GET", `/api/devices/${device.device}/self-test`);
  draw();
  return true;
}

async function tell(command) {
  const before = report ? report.received_ms : 0;
  element("device-said").hidden = true; // or "sent" of the command before would stand beside a refusal
  if (!(await get("POST", `/api/devices/${device.device}/commands`, { command }))) return;
  element("device-said").hidden = false;
  element("device-said").textContent = word("sent");
  if (command !== "self-test") return;
  for (let left = POLLS; left > 0 && isShown("device"); left -= 1) {
    await new Promise((resume) => setTimeout(resume, POLL_MS));
    const answer = await ask("GET", `/api/devices/${device.device}/self-test`);
    if (answer.ok && answer.body && answer.body.received_ms !== before) {
      report = answer.body;
      drawTest();
      return;
    }
  }
}

async function chooseSpare() {
  keep(device);
  show("spares");
  element("spares-for").textContent = `${word("replace")}: ${named(device)}`;
  element("spare-text").value = "";
  const spares = (await get("GET", `/api/spares?role=${device.role}`)) || [];
  element("no-spares").hidden = spares.length > 0;
  element("spare-list").replaceChildren(
    ...spares.map((spare) => {
      const sign = make("span", "dot", SIGNS[spare.word]);
      sign.dataset.colour = spare.colour;
      const button = make("button", "", make("b", "", spare.serial || spare.device), make("span", "", sign, " ", word(spare.word)));
      button.type = "button";
      button.addEventListener("click", () => openDevice(spare.device));
      return make("li", "", button);
    }),
  );
}

async function swap() {
  const old = dead();
  element("swap-go").disabled = true;
  const answer = await get("POST", "/api/swap", { dead: old.device, spare: device.device, reason: word("reason") });
  element("swap-go").disabled = false;
  if (!answer) return;
  keep(null);
  swapped = { ...answer, serial: device.serial || answer.spare };
  show("swapped");
  drawSwapped();
}

function drawSwapped() {
  element("swapped-words").textContent = word("replaced", { spare: swapped.serial, place: swapped.label || swapped.place });
  const said = swapped.voted === null ? "" : word(swapped.voted ? "voted-yes" : "voted-no");
  element("swapped-vote").textContent = said;
  const notes = pick([swapped.notes_vi || [], swapped.notes_en || []]);
  element("swapped-notes").replaceChildren(...notes.map((note) => make("li", "", note)));
}

element("identify").addEventListener("click", () => tell("identify"));
element("test").addEventListener("click", () => tell("self-test"));
element("replace").addEventListener("click", chooseSpare);
element("swap-go").addEventListener("click", swap);
element("swap-no").addEventListener("click", () => {
  keep(null);
  draw();
});
element("spares-no").addEventListener("click", () => {
  keep(null);
  openDevice(device.device);
});
element("spare-form").addEventListener("submit", (event) => {
  event.preventDefault();
  openDevice(element("spare-text").value);
});
onLanguage(draw);
