import { make, setText } from "./elements.js";
import { word } from "./language.js";
import { ask, sentence } from "./server.js";

const WHERE_SIGNS = { present: "✓", left: "↗", absent: "○" };
const LETTERS_MIN = 2;
let asked = 0;
let answer = null; // the last one: {ok, body}
let choose = () => {};

/** Find who is typed; an answer that a later one has overtaken is dropped. */
export async function look(chooser) {
  choose = chooser;
  const typed = document.getElementById("q").value.trim();
  const number = (asked += 1);
  const found = typed.length < LETTERS_MIN ? null : await ask("POST", "/api/members/search", { q: typed });
  if (number !== asked) return;
  answer = found;
  drawFound();
}

export function clearSearch() {
  asked += 1;
  answer = null;
  document.getElementById("q").value = "";
  drawFound();
}

export function drawFound() {
  const rows = answer && answer.ok ? answer.body.rows : [];
  setText(document.getElementById("found-words"), said(rows));
  document.getElementById("found").replaceChildren(...rows.map(drawn));
}

function said(rows) {
  if (!answer) return word("type-more");
  if (!answer.ok) return sentence(answer.body);
  if (!rows.length) return word("nobody-found");
  return answer.body.more ? word("more-found") : "";
}

function drawn(row) {
  const sign = make("span", "sign", WHERE_SIGNS[row.where] || "");
  sign.setAttribute("aria-hidden", "true");
  const where = make("span", "where", sign, row.where ? ` ${word(row.where)}` : "");
  where.dataset.where = row.where || "";
  const seat = make("span", "seat-of", row.seat ? `${word("seat")} ${row.seat}` : "");
  const button = make("button", "", make("span", "name", row.name), seat, where);
  button.type = "button";
  button.addEventListener("click", () => choose(row));
  return make("li", "", button);
}
