// One device on its way into the hall: its place, its button, until it is green.
import { onLanguage, pick, word } from "./language.js";
import { drawPlaces } from "./map.js";
import { ask, complain, element, get, isShown, show, watch } from "./page.js";

const POLL_MS = 700;
let claim = null;
let places = null;
let timer = 0;

/** {look, sign, said, help} of a claim's state, for the large panel. */
function face() {
  if (claim.is_green) return { look: "green", sign: "✓", said: word("green") };
  const { state } = claim;
  const waits = claim.why ? pick([claim.vi, claim.en]) : "";
  if (state === "placed") return { look: "press", sign: "◉", said: word("press-now"), help: word("press-help") };
  if (state === "pressed") return { look: "", sign: "◔", said: word("registering"), help: waits };
  if (state === "granted") return { look: "", sign: "◑", said: word("installing") };
  if (state === "installed") return { look: "", sign: "◕", said: word("starting") };
  return { look: "bad", sign: "✕", said: word("refused"), help: waits || word("ended") };
}

function draw() {
  if (!claim || !isShown("claim")) return;
  const isChoosing = claim.state === "waiting";
  element("claim-role").textContent = word(claim.role);
  element("claim-serial").textContent = claim.serial;
  element("claim-code").textContent = claim.code;
  element("same-serial").hidden = !claim.same_serial;
  element("placing").hidden = !isChoosing || !places;
  if (isChoosing && places) drawPlaces(places, claim, (place) => put(place.place));
  const live = element("live");
  live.hidden = isChoosing;
  if (!isChoosing) {
    const { look, sign, said, help } = face();
    live.dataset.look = look;
    for (const [name, text] of [["sign", sign], ["said", said], ["place", claim.label || ""], ["help", help || ""]]) {
      const line = live.querySelector(`.${name}`);
      if (line.textContent !== text) line.textContent = text;
    }
  }
  element("change").hidden = claim.state !== "placed";
  element("again").hidden = !(claim.state === "refused" && claim.successor);
  element("next").hidden = !(claim.is_green || claim.state === "refused" || claim.state === "ended");
}

async function put(place) {
  const answer = await get("POST", `/api/claims/${claim.claim}/place`, { place });
  if (answer) claim = answer;
  else await learnPlaces(); // the map was older than the hall
  draw();
}

async function learnPlaces() {
  const answer = await ask("GET", `/api/places?role=${claim.role}`);
  if (answer.ok) places = answer.body;
  else complain([answer.body.vi, answer.body.en]);
}

/** Show this claim and follow it. */
export async function openClaim(shown) {
  claim = shown;
  places = null;
  complain(null);
  show("claim");
  draw();
  await learnPlaces();
  draw();
  clearTimeout(timer);
  timer = setTimeout(follow, POLL_MS);
}

async function follow() {
  if (!claim || !isShown("claim")) return;
  if (!document.hidden && !claim.is_green) {
    const answer = await watch(`/api/claims/${claim.claim}`);
    if (answer.ok) {
      const isSame = answer.body.state === "waiting" && claim.state === "waiting";
      claim = answer.body;
      if (!isSame) draw();
    } else if (answer.status === 404) {
      claim = { ...claim, state: "ended", why: "" };
      draw();
      return;
    }
  }
  timer = setTimeout(follow, POLL_MS);
}

/** By its code; fingerprint: what the QR code says of the device's key, empty when the code was typed. */
export async function openCode(code, fingerprint) {
  const query = fingerprint ? `?fp=${encodeURIComponent(fingerprint)}` : "";
  const found = await get("GET", `/api/codes/${encodeURIComponent(code)}${query}`);
  if (found) await openClaim(found);
  return Boolean(found);
}

element("spare").addEventListener("click", () => put(""));
element("change").addEventListener("click", async () => {
  const answer = await get("POST", `/api/claims/${claim.claim}/release`, {});
  if (answer) await openClaim(answer);
});
element("again").addEventListener("click", async () => {
  const answer = await get("GET", `/api/claims/${claim.successor}`);
  if (answer) await openClaim(answer);
});
onLanguage(draw);
