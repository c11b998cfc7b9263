// The technician's page: what it shows follows its own address. The parts are in claim.js, device.js, map.js.
import { openClaim, openCode } from "./claim.js";
import { openDevice } from "./device.js";
import { onLanguage, pick, word } from "./language.js";
import { complain, element, get, isShown, make, onSignedOut, show, watch } from "./page.js";

const HALL_MS = 2000;
let hall = null;

function drawHall() {
  if (!hall || !isShown("hall")) return;
  element("hall-words").textContent = pick(hall.words);
  element("hall-bar").max = Math.max(1, hall.count.places);
  element("hall-bar").value = hall.count.green;
  element("nobody").hidden = hall.claims.length > 0;
  element("waiting").replaceChildren(
    ...hall.claims.map((claim) => {
      const line = make("b", "", `${word(claim.role)} ${claim.serial}`);
      const button = make("button", "", line, make("span", "mono", claim.code), make("small", "", `${word(`${claim.state}-state`)} ${claim.label}`));
      button.type = "button";
      button.addEventListener("click", () => openClaim(claim));
      return make("li", "", button);
    }),
  );
  element("left-box").hidden = hall.left_count === 0;
  element("left-count").textContent = String(hall.left_count);
  element("left").replaceChildren(...hall.left.map((label) => make("li", "", label)));
}

async function openHall() {
  history.replaceState(null, "", "/");
  show("hall");
  element("code").value = "";
  element("code").focus();
  await refresh();
}

let isAsking = false; // one at a time: a server that hangs is not asked ever more often

async function refresh() {
  if (isAsking) return;
  isAsking = true;
  const answer = await watch("/api/hall");
  isAsking = false;
  if (!answer.ok) return;
  hall = answer.body;
  drawHall();
}

/** A part of the address as it was written; a broken escape stays as it is. */
function plain(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What this page was opened for: a code, a label, or the hall. */
async function open() {
  show("");
  const [, kind, rest] = location.pathname.split("/");
  const text = plain(rest || "");
  if (kind === "c" && text) {
    if ((await openCode(text, location.hash.slice(1))) || isShown("sign-in")) return;
  } else if (kind === "d" && text) {
    if ((await openDevice(text)) || isShown("sign-in")) return;
  } else {
    await openHall();
    return;
  }
  await openHall(); // nothing there: the sentence says so, and the hall stands below it
}

onSignedOut(() => {
  show("sign-in");
  element("account").focus();
});
element("sign-in-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const told = { account: element("account").value.trim(), password: element("password").value };
  element("password").value = "";
  if (await get("POST", "/api/sign-in", told)) await open();
});
element("sign-out").addEventListener("click", async () => {
  await get("POST", "/api/sign-out", {});
  location.assign("/");
});
element("home").addEventListener("click", (event) => {
  event.preventDefault();
  complain(null);
  openHall();
});
for (const id of ["next", "swapped-done"]) element(id).addEventListener("click", openHall);
element("code-form").addEventListener("submit", (event) => {
  event.preventDefault();
  openCode(element("code").value, "");
});
element("find-form").addEventListener("submit", (event) => {
  event.preventDefault();
  openDevice(element("find").value);
});
onLanguage(drawHall);
setInterval(() => {
  if (isShown("hall") && !document.hidden) refresh();
}, HALL_MS);
open();
