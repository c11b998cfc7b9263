import { age, conditionNow, make, setText, SIGNS } from "./elements.js";
import { word } from "./language.js";

const DENSE_FROM = 200;
const tiles = new Map(); // device -> {row, tile, and the spans in it}
let rows = [];

/** Rows of [device, seat, condition, seen_ms], in the order of the seats. */
export function drawSeats(keypads) {
  rows = keypads;
  const grid = document.getElementById("seats");
  grid.classList.toggle("dense", rows.length > DENSE_FROM);
  document.getElementById("no-seats").hidden = rows.length > 0;
  const present = new Set(rows.map((row) => row[0]));
  for (const [device, known] of tiles) {
    if (!present.has(device)) {
      known.tile.remove();
      tiles.delete(device);
    }
  }
  rows.forEach((row, at) => {
    const known = tiles.get(row[0]) || added(row[0]);
    known.row = row;
    if (grid.children[at] !== known.tile) grid.insertBefore(known.tile, grid.children[at] || null);
  });
}

function added(device) {
  const sign = make("span", "sign");
  const label = make("span", "label");
  const since = make("span", "age");
  const said = make("span", "word");
  sign.setAttribute("aria-hidden", "true");
  const known = { row: null, tile: make("li", "seat", sign, label, since, said), sign, label, since, said };
  tiles.set(device, known);
  return known;
}

/** Words and ages again, as time goes on. */
export function redrawSeats(nowMs) {
  const only = document.getElementById("only").checked;
  const counts = {};
  for (const { row, tile, sign, label, since, said } of tiles.values()) {
    const [device, seat, told, seenMs] = row;
    const found = conditionNow(told, seenMs, nowMs);
    counts[found] = (counts[found] || 0) + 1;
    const hide = only && found === "online";
    if (tile.hidden !== hide) tile.hidden = hide;
    if (hide) continue;
    if (tile.dataset.condition !== found) tile.dataset.condition = found;
    setText(sign, SIGNS[found]);
    setText(label, seat || device);
    setText(since, age(seenMs, nowMs));
    setText(said, word(found));
    const title = [seat || word("no-seat"), device].join(" · ");
    if (tile.title !== title) tile.title = title;
  }
  drawLegend(counts);
}

function drawLegend(counts) {
  const legend = document.getElementById("legend");
  const shown = Object.keys(SIGNS).filter((condition) => counts[condition]);
  while (legend.children.length > shown.length) legend.lastChild.remove();
  shown.forEach((condition, at) => {
    const row = legend.children[at] || legend.appendChild(make("li", ""));
    row.dataset.condition = condition;
    setText(row, `${SIGNS[condition]} ${counts[condition]} ${word(condition)}`);
  });
}
