// The page of updates: one rollout at a time, looked at every second and a half, so that a stop is seen as it happens.
import { make, setText, tag } from "./elements.js";
import { language, onLanguage, word } from "./language.js";
import { drawFreeze } from "./rollouts_freeze.js";
import { drawCurve, matrixTable, table, waveLines, waveName } from "./rollouts_parts.js";
import { ask, sentence } from "./server.js";

const STEPS = {
  draft: ["start", "drop"], running: ["pause", "abort"], paused: ["resume", "abort"], done: ["retry", "roll-back"],
  aborting: [], aborted: [],
};
/** The routes of steps that have another name: whoever drops a draft brings nobody back. */
const ROUTES = { drop: "abort" };
const LOOK_MS = 1500;
const main = document.getElementById("main");
const acts = main.dataset.acts === "yes";
const place = (id) => document.getElementById(id);
let chosen = null;
let seen = null;

const path = (tail = "") => `/api/rollouts/${encodeURIComponent(chosen)}${tail}`;

/** What was said last at each place, so that it can be said again in the other language. */
const said = new Map();

/** A refusal of the server, or `{ word }` of our own; bad unless it says that it is good. null: nothing. */
function say(where, body) {
  said.set(where, body);
  const parts = body ? [make("p", body.good ? "say good" : "say bad", sentence(body))] : [];
  place(where).replaceChildren(...parts);
}

function drawList(rows) {
  place("no-list").hidden = rows.length > 0;
  const key = JSON.stringify([rows.map((row) => [row.rollout, row.state, row.done, row.devices]), chosen, language()]);
  if (place("list").dataset.drawn === key) return;
  place("list").dataset.drawn = key;
  const focused = document.activeElement?.dataset?.rollout;
  place("list").replaceChildren(...rows.map((row) => {
    const numbers = make("span", "counted", `${row.done} / ${row.devices}`);
    const button = make("button", "", make("span", "mono", row.rollout), make("span", "", word(row.state)), numbers);
    button.type = "button";
    button.dataset.rollout = row.rollout;
    button.setAttribute("aria-pressed", String(row.rollout === chosen));
    button.addEventListener("click", () => {
      chosen = row.rollout;
      say("say", null);
      look();
    });
    return make("li", "", button);
  }));
  if (focused) place("list").querySelector(`[data-rollout="${focused}"]`)?.focus();
}

/** What a step will do, said before it is done; the way out has the focus. */
function sure(step) {
  setText(place("sure-words"), word(`ask-${step}`, { name: chosen }));
  place("sure-yes").onclick = () => {
    place("sure").close();
    take(step);
  };
  place("sure").showModal();
  place("sure-no").focus();
}

async function take(step) {
  const answer = await ask("POST", path(`/${ROUTES[step] ?? step}`), {});
  say("say", answer.ok ? null : answer.body);
  if (acts) say("say-new", null);
  look();
}

function drawSteps() {
  const steps = !acts ? [] : (STEPS[seen.state] || []).filter((step) => step !== "retry" || seen.retryable > 0);
  const key = JSON.stringify([chosen, steps, language()]);
  if (place("steps").dataset.drawn === key) return;
  place("steps").dataset.drawn = key;
  place("steps").replaceChildren(...steps.map((step) => {
    const button = make("button", step, word(`step-${step}`));
    button.type = "button";
    button.addEventListener("click", () => sure(step));
    return button;
  }));
}

/** What the rules say, in the chosen language: each sentence comes twice, as `name` and `name_vi`. */
function told(found, name) {
  return language() === "vi" ? found[`${name}_vi`] : found[name];
}

function sum() {
  const parts = [
    make("p", "what mono", `${seen.target} → ${seen.version}`),
    make("p", "big", make("strong", "", String(seen.done)), ` / ${seen.devices} `, make("small", "", word("done-of"))),
  ];
  const bar = make("div", "bar");
  for (const [name, number] of [["done", seen.done], ["under-way", seen.under_way], ["failed", seen.failed],
    ["waiting", Math.max(0, seen.devices - seen.done - seen.under_way - seen.failed)]]) {
    const part = make("span", `part ${name}`);
    part.style.flexGrow = number;
    bar.append(part);
  }
  parts.push(bar);
  if (seen.words) parts.push(make("p", "ruling words", told(seen, "words")));
  if (seen.failed) parts.push(make("p", "ruling bad", `▲ ${word("failed-n", { count: seen.failed })}`));
  if (seen.retryable) parts.push(make("p", "ruling", word("retry-n", { count: seen.retryable })));
  if (seen.common) parts.push(make("p", "ruling bad common", `${word("common")}: `, told(seen, "common")));
  if (seen.eta_ms && seen.state === "running") {
    const at = new Date(seen.eta_ms).toLocaleTimeString(language() === "vi" ? "vi-VN" : "en-GB", { hour: "2-digit", minute: "2-digit" });
    parts.push(make("p", "hint", `${word("eta")} ${at}`));
  }
  return parts;
}

function draw() {
  setText(place("chosen-head"), seen.rollout);
  tag(place("state"), seen.state);
  place("sum").replaceChildren(...sum());
  drawSteps();
  drawCurve(place("curve"), place("curve-box"), seen);
  place("waves").replaceChildren(...waveLines(seen));
  place("matrix").replaceChildren(...matrixTable(seen));
  place("not-eligible").replaceChildren(...whyNot(seen.not_eligible));
}

function whyNot(groups) {
  if (!groups.length) return [make("li", "none", word("all-eligible"))];
  return groups.map((group) => make("li", "",
    make("strong", "", `${group.count} × ${word(`not-${group.code}`)}`),
    make("p", "", told(group, "sentence")),
    make("p", "hint mono", group.devices.join(", ") + (group.count > group.devices.length ? " …" : ""))));
}

async function look() {
  const [rows, freeze] = await Promise.all([ask("GET", "/api/rollouts"), ask("GET", "/api/freeze")]);
  place("link").dataset.link = rows.ok ? "live" : "lost";
  setText(place("link-word"), word(rows.ok ? "live" : "lost"));
  if (!rows.ok) return;
  chosen = chosen ?? rows.body[0]?.rollout ?? null;
  drawList(rows.body);
  if (freeze.ok) drawFreeze(freeze.body, { lifts: main.dataset.lifts === "yes", account: main.dataset.account, say, look });
  if (!chosen) return;
  const answer = await ask("GET", path());
  if (!answer.ok) return say("say", answer.body);
  if (answer.body.rollout !== chosen) return;
  seen = answer.body;
  draw();
}

/** The plan as somebody wrote it; undefined: it is no JSON. */
function written() {
  const text = place("new-plan").value.trim();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function submit(event) {
  event.preventDefault();
  const dry = event.submitter?.id !== "new-make";
  const plan = written();
  if (plan === undefined) return say("say-new", { word: "no-json" });
  const body = { name: place("new-name").value, target: place("new-target").value, plan, dry_run: dry };
  const answer = await ask("POST", "/api/rollouts", body);
  if (!answer.ok) return say("say-new", answer.body);
  say("say-new", dry ? null : { good: true, word: "made-draft" });
  if (dry) return preview(answer.body);
  chosen = answer.body.rollout;
  place("make").reset();
  look();
}

function preview(found) {
  setText(place("preview-head"), word("would-change", { count: found.devices.length }));
  const words = [];
  if (found.enrol_again) words.push(make("p", "ruling bad", `▲ ${word("enrol-again", { count: found.enrol_again })}`));
  if (found.no_way_back) words.push(make("p", "ruling bad", `▲ ${word("preview-no-way-back", { count: found.no_way_back })}`));
  if (found.not_eligible.length) words.push(make("p", "ruling", word("would-not", { count: found.not_eligible.length })));
  place("preview-words").replaceChildren(...words);
  const rows = found.devices.map((row) => [row.device, row.row, row.before.replace(/^as made/, word("as-made")), row.after, waveName(found.waves[row.wave]), `${Math.round(row.slot_ms / 1000)} s`]);
  const not = found.not_eligible.map((row) => [row.device, row.row, told(row, "sentence")]);
  place("preview-table").replaceChildren(
    table(["device", "row", "from", "to", "wave", "slot"], rows), ...(not.length ? [table(["device", "row", "why"], not)] : []));
  place("preview").showModal();
}

async function fillTargets() {
  const answer = await ask("GET", "/api/targets");
  const rows = answer.ok ? answer.body : [];
  place("no-targets").hidden = rows.length > 0;
  place("new-target").replaceChildren(...rows.map((row) => {
    const option = make("option", "", `${row.path} (${row.version})`);
    option.value = row.path;
    return option;
  }));
}

onLanguage(() => {
  for (const [where, body] of said) say(where, body);
  look();
});
place("sure-no").addEventListener("click", () => place("sure").close());
place("preview-close").addEventListener("click", () => place("preview").close());
if (acts) {
  place("make").addEventListener("submit", submit);
  place("new").addEventListener("toggle", () => place("new").open && fillTargets());
}
await look();
setInterval(() => !document.hidden && look(), LOOK_MS);
