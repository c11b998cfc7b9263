// Tables and the curve of a rollout.
import { make, setText } from "./elements.js";
import { word } from "./language.js";

const WIDTH = 600;
const HEIGHT = 150;
const EDGE = 8;

export function table(heads, rows) {
  const head = make("tr", "", ...heads.map((key) => make("th", "", word(key))));
  const body = rows.map((cells) => make("tr", "", ...cells.map((cell) => make("td", "", String(cell)))));
  return make("table", "", make("thead", "", head), make("tbody", "", ...body));
}

/** Waves of the plan that nobody wrote have words of ours; others are called as somebody has called them. */
export function waveName(name) {
  const key = `wave-${name}`;
  const found = word(key);
  return found === key ? name : found;
}

/** How far each wave is, in a line of numbers. */
export function waveLines(seen) {
  return seen.waves.map((wave, number) => {
    const line = make("p", "wave", make("strong", "", waveName(wave.name)), make("span", "", `${wave.done} / ${wave.devices}`));
    if (wave.failed) line.append(make("span", "bad", word("failed-n", { count: wave.failed })));
    if (number === seen.wave && seen.state === "running") line.dataset.now = "yes";
    return line;
  });
}

/** Whose turn never came before a rollout was stopped waits for nothing. */
function standsAt(row, seen) {
  return word(row.state === "waiting" && ["aborting", "aborted"].includes(seen.state) ? "not-begun" : row.state);
}

/** State and cause down, waves across. */
export function matrixTable(seen) {
  if (!seen.matrix.length) return [];
  const head = make("tr", "", make("th", "", word("cause")), ...seen.waves.map((wave) => make("th", "count", waveName(wave.name))),
    make("th", "count", word("all-together")));
  const body = seen.matrix.map((row) => {
    const state = standsAt(row, seen);
    const words = row.cause ? `${state}: ${word(`cause-${row.cause}`).replace(/^cause-/, "")}` : state;
    const line = make("tr", "", make("td", "", words), ...row.waves.map((count) => make("td", "count", count ? String(count) : "·")),
      make("td", "count all", String(row.devices)));
    if (row.cause) line.dataset.bad = "yes";
    return line;
  });
  return [make("h2", "", word("matrix")), make("table", "", make("thead", "", head), make("tbody", "", ...body))];
}

function shape(svg, name, attributes) {
  const element = document.createElementNS(svg.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

/** Points of [ms since the first order, devices]; a stair, since devices come one by one. */
export function drawCurve(svg, box, seen) {
  box.hidden = seen.curve.length < 2;
  if (box.hidden) return;
  const end = Math.max(1, ...seen.curve.map(([ms]) => ms));
  const x = (ms) => EDGE + (ms / end) * (WIDTH - 2 * EDGE);
  const y = (count) => HEIGHT - EDGE - (count / Math.max(1, seen.devices)) * (HEIGHT - 2 * EDGE);
  let line = `M ${x(0)} ${y(0)}`;
  for (const [ms, count] of seen.curve) line += ` H ${x(ms).toFixed(1)} V ${y(count).toFixed(1)}`;
  const said = `${seen.done} / ${seen.devices}, ${Math.round(end / 1000)} s`;
  svg.replaceChildren(svg.querySelector("title"),
    shape(svg, "path", { d: `M ${EDGE} ${y(seen.devices)} H ${WIDTH - EDGE}`, class: "whole" }),
    shape(svg, "path", { d: `M ${EDGE} ${HEIGHT - EDGE} H ${WIDTH - EDGE}`, class: "axis" }),
    shape(svg, "path", { d: line, class: "line" }));
  setText(svg.querySelector("title"), said);
}
