// The secretariat's page: one question at a time, from its preparation to its protocol.
import { make, tag } from "./elements.js";
import { language, onLanguage, word } from "./language.js";
import { marks, resultParts } from "./ballot.js";
import { drawBoxes, drawSheet, submitSheet } from "./paper.js";
import { ask, sentence } from "./server.js";

const STEPS = { prepared: ["open"], open: ["hold", "close"], held: ["resume", "close"], closed: ["certify"] };
const acts = document.getElementById("main").dataset.acts === "yes";
const place = (id) => document.getElementById(id);
let rules = [];
let sitting = null;
let chosen = null;
let question = null;
let roll = [];

const path = (tail = "") => `/api/questions/${encodeURIComponent(chosen)}${tail}`;

let said = [null]; // what was said last, so that it can be said again in the other language

/** A sentence of the server or `{ word }` of our own, and a way on where there is one. */
function say(body, goOn) {
  said = [body, goOn];
  const parts = body ? [make("p", body.good ? "say good" : "say bad", sentence(body))] : [];
  if (goOn) {
    const button = make("button", "", word("anyway"));
    button.type = "button";
    button.addEventListener("click", goOn);
    parts.push(button);
  }
  place("say").replaceChildren(...parts);
}

const saved = () => say({ good: true, word: "saved" });

async function take(step, accept = false) {
  const takesIt = step === "open" || step === "close";
  const answer = await ask("POST", path(`/${step}`), takesIt ? { accept_missing: accept } : {});
  const missing = !answer.ok && answer.body.code === "seats-missing";
  say(answer.ok ? null : answer.body, missing ? () => take(step, true) : null);
  await show();
}

function drawList(names) {
  place("list").replaceChildren(...names.map((name) => {
    const button = make("button", "", make("span", "mono", name));
    button.type = "button";
    button.setAttribute("aria-pressed", String(name === chosen));
    button.addEventListener("click", () => {
      chosen = name;
      say(null);
      show();
    });
    return make("li", "", button);
  }));
}

function readiness() {
  if (!["prepared", "open", "held"].includes(question.state)) return [];
  if (!question.missing.length) return question.paper ? [] : [make("p", "ruling good", word("ready"))];
  const key = question.paper ? "waiting-boxes" : "missing";
  return [make("p", "ruling bad", `▲ ${word(key)} (${question.missing.length}): ${question.missing.join(", ")}`)];
}

function downloads() {
  return [["pdf", "protocol"], ["csv", "table"]].map(([form, key]) => {
    const link = make("a", "", word(key));
    link.href = path(`/result?format=${form}`);
    link.download = "";
    return link;
  });
}

async function drawQuestion() {
  tag(place("state"), question.state);
  const over = ["closed", "certified"].includes(question.state);
  const answer = over ? await ask("GET", path("/result")) : null;
  const turnout = make("p", "big", make("strong", "", String(question.voted)), ` / ${question.seated} `,
    make("small", "", word(question.paper ? "box-agreed" : "turnout")));
  place("question").replaceChildren(
    make("p", "question", question.text),
    ...(answer && answer.ok ? [] : [make("p", "hint", question.rule[language()])]),
    ...marks(question),
    ...(question.reveal_wait_s ? [make("p", "ruling bad", word("reveal-wait", { count: question.reveal_wait_s }))] : []),
    ...(answer && answer.ok ? resultParts(answer.body) : [turnout]),
    ...readiness(),
    ...(answer && answer.ok ? corrections(answer.body.corrections) : []),
  );
  const buttons = acts ? (STEPS[question.state] || []).map((step) => {
    const button = make("button", step, word(`do-${step}`));
    button.type = "button";
    button.addEventListener("click", () => take(step));
    return button;
  }) : [];
  place("steps").replaceChildren(...buttons, ...(answer && answer.ok ? downloads() : []));
}

function corrections(rows) {
  return rows.map((row) => make("p", "hint",
    `${word("corrections")}: ${row.seat} ${row.name || word("withdrawn")} – ${word(row.choice)} ${row.text}`));
}

/** Options of [value, text]; left alone while they are the same, since somebody may be choosing. */
function fill(select, options) {
  const seen = JSON.stringify(options);
  if (select.dataset.options === seen) return;
  select.dataset.options = seen;
  const kept = select.value;
  select.replaceChildren(...options.map(([value, text]) => {
    const option = make("option", "", text);
    option.value = value;
    return option;
  }));
  if (options.some(([value]) => value === kept)) select.value = kept;
}

async function drawBeside() {
  const answer = await ask("GET", path("/recusals"));
  const rows = answer.ok ? answer.body : [];
  const before = ["prepared", "open", "held"].includes(question.state);
  const lines = rows.map((row) => {
    const line = make("li", "row", make("span", "", `${row.name || word("withdrawn")}: ${row.reason}`));
    if (acts && before) {
      const button = make("button", "", word("take-part"));
      button.type = "button";
      button.addEventListener("click", async () => {
        const done = await ask("DELETE", path(`/recusals/${row.member}`));
        if (!done.ok) say(done.body);
        show();
      });
      line.append(button);
    }
    return line;
  });
  place("recusals").replaceChildren(...(lines.length ? lines : [make("li", "none", word("nobody-recused"))]));
  if (!acts) return;
  place("recuse").hidden = !before;
  place("correct").hidden = before || question.state === "closing" || question.paper;
  const members = roll.map((row) => [row.member, `${row.seat} ${row.name || word("withdrawn")}`]);
  fill(place("recuse-member"), members);
  fill(place("correct-member"), members);
  fill(place("correct-choice"), ["yes", "no", "abstain"].map((choice) => [choice, word(choice)]));
}

async function show() {
  const board = await ask("GET", "/api/board");
  sitting = board.ok ? board.body.sitting : null;
  place("sitting").textContent = sitting ? sitting.sitting : "–";
  if (!sitting) return;
  const [detail, names] = await Promise.all([
    ask("GET", `/api/sittings/${sitting.sitting}`), ask("GET", `/api/sittings/${sitting.sitting}/roll`),
  ]);
  roll = names.ok ? names.body : [];
  const all = detail.ok ? detail.body.questions : [];
  if (!chosen && board.body.question) chosen = board.body.question.question;
  drawList(all);
  if (!chosen) return;
  const found = await ask("GET", path());
  if (!found.ok) {
    say(found.body);
    return;
  }
  question = found.body;
  await Promise.all([drawQuestion(), drawBeside(), drawBoxes(chosen, question, acts)]);
}

function drawRules() {
  const select = place("new-rule");
  if (!select) return;
  fill(select, rules.map((rule) => [rule.id, rule[language()]]));
  const rule = rules.find((each) => each.id === select.value);
  if (!rule) return;
  place("new-rule-words").textContent = `${rule[`rule_${language()}`]} ${word("rule-source")}: ${rule.source}`;
  place("new-election").hidden = rule.elect === "motion";
}

async function prepare(event) {
  event.preventDefault();
  const rule = rules.find((each) => each.id === place("new-rule").value);
  const boxes = place("new-boxes").value.split(",").map((box) => box.trim()).filter(Boolean);
  const persons = place("new-persons").value.split("\n").map((name) => name.trim()).filter(Boolean);
  const body = {
    question: place("new-name").value,
    text: place("new-text").value,
    preset: rule.id,
    revote: place("new-revote").checked,
    presence: place("new-presence").checked,
    ...(boxes.length ? { boxes } : {}),
    ...(rule.elect === "motion" ? {} : { persons, seats: Number(place("new-seats").value) }),
  };
  const answer = await ask("POST", `/api/sittings/${sitting.sitting}/questions`, body);
  if (!answer.ok) {
    say(answer.body);
    return;
  }
  chosen = body.question;
  place("prepare").reset();
  place("new").open = false;
  saved();
  drawRules();
  show();
}

async function sent(event, method, tail, body) {
  event.preventDefault();
  const answer = await ask(method, path(tail), body);
  if (answer.ok) {
    saved();
    event.target.reset();
  } else say(answer.body);
  show();
}

if (acts) {
  place("prepare").addEventListener("submit", prepare);
  place("new-rule").addEventListener("change", drawRules);
  place("recuse").addEventListener("submit", (event) =>
    sent(event, "PUT", `/recusals/${place("recuse-member").value}`, { reason: place("recuse-reason").value }));
  place("correct").addEventListener("submit", (event) => sent(event, "POST", "/corrections", {
    member: place("correct-member").value, choice: place("correct-choice").value, text: place("correct-text").value,
  }));
  place("sheet").addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await submitSheet(chosen, question);
    if (answer.ok) saved();
    else say(answer.body);
    show();
  });
  place("sheet-box").addEventListener("change", () => drawSheet(question));
}
ask("GET", "/api/rules").then((answer) => {
  rules = answer.ok ? answer.body : [];
  drawRules();
});
onLanguage(() => {
  drawRules();
  say(...said);
  show();
});
new EventSource("/api/board/events").addEventListener("board", () => show());
