// The page of secret questions: what one waits for, its papers, its turnout, its close and its sum.
import { make, tag } from "./elements.js";
import { language, onLanguage, word } from "./language.js";
import { ask, sentence } from "./server.js";
import { drawResult } from "./secret_result.js";

const POLL_MS = 3000;
const STEPS = { prepared: ["open"], open: ["hold"], held: ["resume"] };
const RUNNING = ["open", "held"];
const place = (id) => document.getElementById(id);
const acts = place("main").dataset.acts === "yes";
let rules = [];
let listed = [];
let chosen = null;
let found = null;
let draft = null;
let ends = [];
let result = null;

const said = (words) => (language() === "en" ? words.en : words.vi);
const path = (tail = "") => `/api/contests/${chosen}${tail}`;

let told = [null]; // what was said last, so that it can be said again in the other language

/** A sentence of the server or `{ word }` of our own, of which file, and a way on where there is one. */
function say(body, goOn) {
  told = [body, goOn];
  const file = body && body.file ? `${body.file}: ` : "";
  const parts = body ? [make("p", body.good ? "say good" : "say bad", file + sentence(body))] : [];
  if (goOn) parts.push(button("open-anyway", goOn));
  place("say").replaceChildren(...parts);
}

function button(key, onClick, className = "") {
  const made = make("button", className, word(key));
  made.type = "button";
  made.addEventListener("click", onClick);
  return made;
}

function link(key, href) {
  const made = make("a", "", word(key));
  made.href = href;
  made.download = "";
  return made;
}

async function take(step, accept = false) {
  const answer = await ask("POST", path(`/${step}`), step === "open" ? { accept_missing: accept } : {});
  const missing = !answer.ok && answer.body.code === "seats-missing";
  say(answer.ok ? { good: true, word: "saved" } : answer.body, missing ? () => take(step, true) : null);
  await show();
}

async function withdraw(hash) {
  const answer = await fetch(`/api/documents/${hash}`, { method: "DELETE" });
  say(answer.ok ? { good: true, word: "saved" } : await answer.json());
  await show();
}

function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

async function handIn(event) {
  event.preventDefault();
  const files = [...place("files").files];
  for (const file of files) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const answer = await ask("POST", "/api/documents", { document: base64(bytes) });
    if (!answer.ok) {
      say({ ...answer.body, file: file.name });
      await show();
      return;
    }
  }
  say({ good: true, word: "handed-in", count: files.length });
  event.target.reset();
  await show();
}

async function prepare(event) {
  event.preventDefault();
  const persons = place("new-persons").value.split("\n").map((line) => line.trim()).filter(Boolean);
  const elects = !place("new-election").hidden;
  const sitting = place("new-sitting").value;
  const answer = await ask("POST", `/api/sittings/${encodeURIComponent(sitting)}/secret-questions`, {
    question: place("new-name").value,
    text: place("new-text").value,
    preset: place("new-rule").value,
    persons: elects ? persons : [],
    seats: elects ? Number(place("new-seats").value) : 0,
  });
  say(answer.ok ? { good: true, word: "saved" } : answer.body);
  if (!answer.ok) return;
  chosen = answer.body.contest;
  place("new").open = false;
  event.target.reset();
  await show();
}

function drawList() {
  place("no-list").hidden = listed.length > 0;
  place("list").replaceChildren(...listed.map((each) => {
    const made = make("button", "", make("span", "mono", each.question), make("span", "word", `${word(each.state)} · ${each.text}`));
    made.type = "button";
    made.setAttribute("aria-pressed", String(each.contest === chosen));
    made.addEventListener("click", () => {
      chosen = each.contest;
      say(null);
      show();
    });
    return make("li", "", made);
  }));
}

function seats(key, labels, count = labels.length) {
  const named = labels.length ? `: ${labels.join(", ")}` : "";
  return count ? [make("p", "ruling bad", `▲ ${word(key)} (${count})${named}`)] : [];
}

function drawQuestion() {
  const parts = [make("p", "question", found.text), make("p", "hint", said(found.rule))];
  if (found.persons.length) parts.push(make("p", "hint", found.persons.join(" · ")));
  if (found.held_why) parts.push(make("p", "ruling bad", `▲ ${word("held-by-itself")}: ${found.held_why}`));
  if (found.state === "prepared") {
    parts.push(make("p", "big", make("strong", "", `${found.with_key}/${found.summoned}`), ` ${word("keys-said")}`));
    parts.push(...seats("without-key", found.without_key));
  } else {
    parts.push(make("p", "big", make("strong", "", `${found.cast}/${found.enabled}`), ` ${word("cast-of")}`));
  }
  if (RUNNING.includes(found.state)) parts.push(make("p", "hint", word("turnout-blind")));
  if (["prepared", ...RUNNING].includes(found.state)) {
    const waiting = seats("not-ready", found.not_ready, found.not_ready_n);
    parts.push(...(waiting.length ? waiting : [make("p", "ruling good", word("all-ready"))]));
  }
  place("question").replaceChildren(...parts);
  tag(place("state"), found.state);
}

function drawSteps() {
  const parts = acts ? (STEPS[found.state] || []).map((step) => button(`step-${step}`, () => take(step))) : [];
  if (acts && ["prepared", ...RUNNING].includes(found.state)) {
    parts.push(button("announce", () => take("announce"), "quiet"));
    parts.push(link("keys-download", path("/session-keys")));
  }
  place("steps").replaceChildren(...parts);
}

function drawClose() {
  if (!acts || !RUNNING.includes(found.state)) {
    place("close").replaceChildren();
    return;
  }
  const parts = [make("h3", "", word("close-title")), make("p", "hint", word("close-help"))];
  if (draft && draft.ok) {
    const fresh = draft.body.fresh;
    parts.push(make("p", "", `${word("close-size")} ${draft.body.size} · ${word("close-age")} ${draft.body.age_s} s`));
    parts.push(make("p", fresh ? "ruling good" : "ruling bad", word(fresh ? "close-fresh" : "close-stale")));
    parts.push(make("p", "links", link("checkpoint-download", path("/close-draft?format=note"))));
  } else if (draft) {
    parts.push(make("p", "ruling bad", sentence(draft.body)));
  }
  place("close").replaceChildren(make("div", "box", ...parts));
}

function drawAfter() {
  const parts = [];
  if (found.state === "closed") {
    if (found.ends_missing) {
      parts.push(make("p", "ruling bad", `▲ ${word("ends-missing")}: ${found.ends_missing}`));
      parts.push(make("ul", "sums", ...ends.map((each) =>
        make("li", "", each.seat ? `${word("seat-word")} ${each.seat} · ` : "", make("span", "mono", each.voter)))));
    } else parts.push(make("p", "ruling good", word("ends-none")));
    if (found.tally_waits.length) {
      parts.push(make("h3", "", word("tally-waits")));
      parts.push(make("ul", "sums", ...found.tally_waits.map((each) => make("li", "bad", said(each)))));
    } else parts.push(make("p", "ruling good", word("tally-ready")));
  }
  if (found.state === "tallied") parts.push(make("p", "big", `${word("shares")}: ${found.shares}/${found.shares_needed}`));
  place("after").replaceChildren(...(parts.length ? [make("div", "box", ...parts)] : []));
}

function drawPapers() {
  const offices = (list) => list.map(said).join(", ");
  const due = found.due.map((each) =>
    make("li", "", `${said(each.words)} `, make("span", "hint", offices(each.offices))));
  place("due").replaceChildren(make("p", "hint", word(due.length ? "due" : "due-nothing")), make("ul", "due-list", ...due));
  const rows = found.papers.map((each) => {
    const parts = [
      make("span", "", make("span", "mono", each.kind), " ", make("span", "mono", each.fingerprint)),
      make("span", each.waiting ? "state bad" : "state good", each.waiting ? `▲ ${said(each.waiting)}` : `● ${word("in-log")}`),
      make("span", "hint", `${word("signed-by")}: ${each.names.join(", ") || "–"}`),
      link("download", `/api/documents/${each.hash}`),
    ];
    if (each.waiting && acts) parts.push(button("withdraw", () => withdraw(each.hash)));
    return make("li", "", ...parts);
  });
  place("papers").replaceChildren(...(rows.length ? rows : [make("li", "none", word("no-papers"))]));
}

function draw() {
  drawList();
  const form = place("hand-in");
  if (form) form.hidden = false;
  if (!found) return;
  drawQuestion();
  drawSteps();
  drawClose();
  drawAfter();
  drawPapers();
  drawResult(place("result"), result, path, link, said);
}

async function show() {
  const list = await ask("GET", "/api/contests");
  if (list.ok) listed = list.body;
  if (!chosen && listed.length) chosen = listed[0].contest;
  const asked = chosen;
  if (asked) {
    const answer = await ask("GET", path());
    const state = answer.ok ? answer.body.state : "";
    const [newDraft, newEnds, newResult] = await Promise.all([
      acts && RUNNING.includes(state) ? ask("GET", path("/close-draft")) : null,
      state === "closed" && answer.body.ends_missing ? ask("GET", path("/ends")) : null,
      answer.ok && answer.body.has_result ? ask("GET", path("/result")) : null,
    ]);
    if (asked !== chosen) return;
    if (!answer.ok) {
      say(answer.body);
      return;
    }
    found = answer.body;
    draft = newDraft;
    ends = newEnds && newEnds.ok ? newEnds.body : [];
    result = newResult && newResult.ok ? newResult.body : null;
  }
  draw();
}

function drawRule() {
  const rule = rules.find((each) => each.id === place("new-rule").value);
  if (!rule) return;
  place("new-rule-words").textContent = language() === "en" ? rule.rule_en : rule.rule_vi;
  place("new-election").hidden = rule.elect === "motion";
}

async function begin() {
  if (place("prepare")) {
    place("prepare").addEventListener("submit", prepare);
    const [presets, sittings] = await Promise.all([ask("GET", "/api/rules"), ask("GET", "/api/sittings")]);
    rules = presets.ok ? presets.body : [];
    const option = (value, text) => {
      const made = make("option", "", text);
      made.value = value;
      return made;
    };
    place("new-rule").replaceChildren(...rules.map((rule) => option(rule.id, language() === "en" ? rule.en : rule.vi)));
    const open = sittings.ok ? sittings.body.filter((each) => ["prepared", "open"].includes(each.state)) : [];
    place("new-sitting").replaceChildren(...open.map((each) => option(each.sitting, `${each.sitting} · ${each.title}`)));
    place("new-rule").addEventListener("change", drawRule);
    drawRule();
  }
  if (place("hand-in")) place("hand-in").addEventListener("submit", handIn);
  await show();
  setInterval(() => document.hidden || show(), POLL_MS);
}

onLanguage(() => {
  drawRule();
  say(...told);
  draw();
});
begin();
