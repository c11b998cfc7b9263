import { call, say } from "./calls.js";
import { chosen, language, onLanguage, word } from "./language.js";

const PREVIEW_MS = 400;
const PROOF_MS = 2000;
const TYPES = { jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png" };
const at = (id) => document.getElementById(id);
const PROOFS = { deleted: ["✓", "good"], superseded: ["✓", "good"], waiting: ["…", "wait"], revoked: ["✕", "bad"] };
let state = null;
let found = null;
let withdrawn = null;
let proofs = null;
let busy = 0;

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function button(key, action, className = "quiet") {
  const made = make("button", className, word(key));
  made.type = "button";
  made.addEventListener("click", action);
  return made;
}

/** Call, then show what has become of the desk. Nothing else can be pressed meanwhile. */
async function press(method, path, body, type, about) {
  say(null);
  working(1);
  const told = await call(method, path, body, type, about);
  working(-1);
  if (told === null) {
    const now = await call("GET", "/api/state");
    if (now) state = now;
  } else if (!Array.isArray(told)) {
    state = told;
    if (told.said) say(told.said, true);
  }
  show();
  return told;
}

let pressed = null;

/** While the desk works nothing can be pressed; afterwards the keyboard is where it was. */
function working(step) {
  if (busy === 0) pressed = document.activeElement;
  busy += step;
  document.body.classList.toggle("working", busy > 0);
  at("main").inert = busy > 0;
  if (busy === 0 && pressed?.isConnected) pressed.focus();
}

function show() {
  const { account, visit, camera } = state;
  at("who").hidden = account === null;
  at("account").textContent = account || "";
  at("sign-in").hidden = account !== null;
  at("work").hidden = account === null;
  showMember(visit);
  showConsent(visit);
  const ready = Boolean(visit && visit.consent);
  at("photographs").classList.toggle("later", !ready);
  at("files").disabled = at("camera").disabled = !ready;
  at("files-label").classList.toggle("off", !ready);
  at("camera").hidden = !camera.there;
  at("camera").textContent = word(camera.open ? "camera-off" : "camera-on");
  at("capture").hidden = at("preview").hidden = !camera.open;
  at("preview").alt = word("preview");
  at("looks").replaceChildren(...(visit ? visit.looks.map(lookRow) : []));
  at("finish-card").classList.toggle("later", !visit || visit.obstacle !== null);
  at("finish").disabled = !visit || visit.obstacle !== null;
  const wanted = visit && visit.looks.length ? visit.advised : 0;
  at("advised").textContent = wanted ? word("advised", { count: wanted }) : "";
  at("kept").textContent = state.kept;
  at("waiting").textContent = state.waiting;
  at("send").hidden = state.waiting === 0;
  at("withdraw").disabled = !visit;
  at("gates").replaceChildren(...gateRows());
}

function showMember(visit) {
  at("find").hidden = visit !== null;
  at("chosen").hidden = visit === null;
  at("name").textContent = visit ? visit.name || word("unnamed") : "";
  at("pseudonym").textContent = visit ? `${visit.member.slice(0, 8)}…` : "";
  at("found").hidden = visit !== null || found === null;
  if (found !== null) at("found").replaceChildren(...foundRows());
}

function foundRows() {
  if (!found.length) return [make("li", "hint", word("nobody"))];
  const rows = found.slice(0, 12).map((member) => {
    const known = member.references === null ? "" : word(member.references ? "enrolled" : "by-badge");
    const choose = button("choose", () => begin(member), "");
    choose.setAttribute("aria-label", `${word("choose")}: ${member.name || member.member}`);
    return make("li", "row", make("span", "grow", member.name || word("unnamed")), make("span", "hint", known), choose);
  });
  if (found.length > 12) rows.push(make("li", "hint", word("more")));
  return rows;
}

function showConsent(visit) {
  const given = visit && visit.consent;
  at("consent").classList.toggle("later", !visit);
  for (const text of document.querySelectorAll("[data-text]")) {
    text.hidden = Boolean(given) || text.dataset.text !== language();
  }
  for (const id of ["agree-desk", "agree-paper", "declined"]) at(id).disabled = !visit;
  at("ask").hidden = Boolean(given);
  at("agreed").hidden = !given;
  if (given) {
    at("agreed-how").textContent = `${word(`agreed-${given.channel}`)} (${word("version")} ${given.text_version}, ${given.language})`;
  }
}

function lookRow(look, number) {
  const row = make("li", "row look");
  const mark = make("span", look.good ? "mark good" : "mark fair", look.good ? "✓" : "○");
  mark.setAttribute("aria-hidden", "true");
  const drop = button("take-away", () => press("DELETE", `/api/visit/looks/${number}`));
  drop.setAttribute("aria-label", `${word("take-away")} ${number + 1}`);
  row.append(mark, make("span", "grow", `${word("look")} ${number + 1}: ${chosen(look.said)}`));
  row.append(make("span", "mono hint", `${look.quality} %`), drop);
  return row;
}

function gateRows() {
  if (proofs === null) return [];
  const whose = make("li", "hint", `${word("withdrawal")}: ${proofs.name}`);
  if (!proofs.gates.length) return [whose, make("li", "hint", word("gate-none"))];
  const rows = proofs.gates.map((proof) => {
    const [sign, look] = PROOFS[proof.state];
    return make("li", look, `${sign} ${word(`gate-${proof.state}`, proof)}`);
  });
  if (rows.every((row) => row.className === "good")) rows.push(make("li", "good", word("gates-done")));
  return [whose, ...rows];
}

/** The member is at the desk; the keyboard is at what is to be read to them. */
async function begin({ member, name }) {
  await press("POST", "/api/visit", { member, name });
  document.querySelector("[data-text]:not([hidden])")?.focus();
}

async function upload(files) {
  for (const file of files) {
    const type = file.type || TYPES[file.name.split(".").pop().toLowerCase()] || "application/octet-stream";
    if (!(await press("POST", "/api/visit/photograph", file, type, `${file.name}: `))) break;
  }
}

async function preview() {
  if (state && state.camera.open && !busy) {
    try {
      const answer = await fetch("/api/camera/preview.jpg");
      if (answer.status === 200) {
        const address = URL.createObjectURL(await answer.blob());
        await decoded(address);
      } else if (answer.status !== 204) {
        const told = await answer.json();
        say([told.vi, told.en]);
        state = (await call("GET", "/api/state")) || state;
        show();
      }
    } catch {
      say("unreachable");
    }
  }
  setTimeout(preview, PREVIEW_MS);
}

function decoded(address) {
  const picture = at("preview");
  return new Promise((resolve) => {
    picture.onload = picture.onerror = () => {
      URL.revokeObjectURL(address);
      resolve();
    };
    picture.src = address;
  });
}

async function follow() {
  if (withdrawn !== null) {
    const { member, name } = withdrawn;
    const told = await call("GET", `/api/withdrawals/${member}`);
    if (told !== null) proofs = { name, gates: told };
    if (told === null || told.every((proof) => proof.state !== "waiting")) withdrawn = null;
    show();
  }
  setTimeout(follow, PROOF_MS);
}

async function withdraw(channel) {
  at("sure").close();
  const { member, name } = state.visit;
  const told = await press("POST", "/api/withdrawals", { member, channel });
  found = proofs = null;
  at("text").value = "";
  show();
  at("text").focus();
  withdrawn = told && told.waiting === 0 ? { member, name: name || member.slice(0, 8) } : null;
}

function onSubmit(id, action) {
  at(id).addEventListener("submit", (event) => {
    event.preventDefault();
    action();
  });
}

function onClick(id, action) {
  at(id).addEventListener("click", action);
}

onSubmit("sign-in", async () => {
  const password = at("password").value;
  at("password").value = "";
  await press("POST", "/api/sign-in", { account: at("account-typed").value.trim(), password });
  (state.account ? at("text") : at("password")).focus();
});
onSubmit("find", async () => {
  const told = await press("POST", "/api/search", { text: at("text").value });
  found = told;
  show();
  at("found").querySelector("button")?.focus();
});
onClick("sign-out", () => press("POST", "/api/sign-out"));
for (const id of ["another", "declined"]) {
  onClick(id, async () => {
    found = proofs = null;
    at("text").value = "";
    await press("DELETE", "/api/visit");
    at("text").focus();
  });
}
for (const channel of ["desk", "paper"]) {
  onClick(`agree-${channel}`, async () => {
    await press("POST", "/api/visit/consent", { language: language(), channel });
    at("files").focus();
  });
  onClick(`sure-${channel}`, () => withdraw(channel));
}
onClick("print", () => window.print());
onClick("take-back", () => press("DELETE", "/api/visit/consent"));
at("files").addEventListener("change", async () => {
  await upload([...at("files").files]);
  at("files").value = "";
});
onClick("camera", () => press(state.camera.open ? "DELETE" : "POST", "/api/camera"));
onClick("capture", () => press("POST", "/api/visit/capture"));
onClick("finish", async () => {
  const told = await press("POST", "/api/visit/finish");
  if (told) {
    found = null;
    at("text").value = "";
    at("text").focus();
  }
});
onClick("send", () => press("POST", "/api/waiting/send"));
onClick("withdraw", () => {
  at("sure-question").textContent = word("withdraw-sure", { name: state.visit.name || state.visit.member.slice(0, 8) });
  at("sure").showModal();
});
onClick("sure-not", () => at("sure").close());
onLanguage(() => state && show());

state = await call("GET", "/api/state");
if (state) {
  show();
  (state.account ? at("text") : at("account-typed")).focus();
  preview();
  follow();
}
