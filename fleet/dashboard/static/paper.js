// Hand counts: what each box has come to, and the sheet that this account enters alone.
import { make } from "./elements.js";
import { language, word } from "./language.js";
import { ask } from "./server.js";

const MOTION = ["issued", "returned", "yes", "no", "abstain", "blank", "invalid", "spoilt"];
const LIST = ["issued", "returned", "valid", "blank", "invalid", "spoilt"];
const place = (id) => document.getElementById(id);
let drawnFor = "";

export async function drawBoxes(name, question, acts) {
  place("papers").hidden = !question.paper;
  if (!question.paper) return;
  const answer = await ask("GET", `/api/questions/${encodeURIComponent(name)}/boxes`);
  const boxes = answer.ok ? answer.body : [];
  place("boxes").replaceChildren(...boxes.map((box) => make("li", "row",
    make("span", "mono", box.box),
    make("span", box.state === "different" ? "ruling bad" : "", `${word(box.by.length ? `box-${box.state}` : "box-empty")} ${box.by.join(" · ")}`),
    ...box.differences.map((each) => make("span", "ruling bad", each[language()])))));
  if (!acts) return;
  const left = boxes.filter((box) => box.state !== "agreed").map((box) => box.box);
  place("sheet").hidden = !left.length || !["open", "held"].includes(question.state);
  const select = place("sheet-box");
  const seen = `${name} ${left.join(",")} ${language()}`;
  if (seen === drawnFor) return; // what somebody is typing stays
  drawnFor = seen;
  select.replaceChildren(...left.map((box) => make("option", "", box)));
  drawSheet(question);
}

export function drawSheet(question) {
  const keys = question.persons.length ? LIST : MOTION;
  const persons = question.persons.flatMap((person, at) =>
    [make("p", "person", `${at + 1}. ${person}`), field(`for-${at}`, "for"), field(`against-${at}`, "against")]);
  place("sheet-numbers").replaceChildren(...keys.map((key) => field(key, key)), ...persons);
}

function field(key, words) {
  const input = make("input", "");
  Object.assign(input, { type: "number", min: "0", max: "1000000", value: "0", id: `sheet-${key}`, inputMode: "numeric" });
  const label = make("label", "", word(words), input);
  label.htmlFor = input.id;
  return make("div", "", label);
}

export async function submitSheet(name, question) {
  const value = (key) => Number(place(`sheet-${key}`).value);
  const keys = question.persons.length ? LIST : MOTION;
  const body = Object.fromEntries(keys.map((key) => [key, value(key)]));
  if (question.persons.length) body.marks = question.persons.map((_, at) => [value(`for-${at}`), value(`against-${at}`)]);
  const box = encodeURIComponent(place("sheet-box").value);
  const answer = await ask("PUT", `/api/questions/${encodeURIComponent(name)}/boxes/${box}`, body);
  if (answer.ok) drawnFor = "";
  return answer;
}
