import { make, tag } from "./elements.js";
import { bar, numbers } from "./hall.js";
import { language, word } from "./language.js";
import { sentence } from "./server.js";

const CHOICES = ["yes", "no", "abstain"];

/** The question: its turnout while it runs, its result afterwards; never anything in between. */
export function drawBallot(question) {
  const place = document.getElementById("ballot");
  const list = document.getElementById("by-name");
  tag(document.getElementById("question-state"), question && question.state);
  list.hidden = !(question && question.result);
  if (list.hidden) {
    list.open = false;
    document.getElementById("names").replaceChildren();
  }
  if (!question) {
    place.replaceChildren(make("p", "none", word("no-question")));
    return;
  }
  place.replaceChildren(
    make("p", "question", question.text),
    ...marks(question),
    ...(question.result ? resultParts(question.result) : turnoutParts(question)),
  );
}

/** What must be seen at once: counted by paper, or held by the server itself, and why. */
export function marks(question) {
  const found = [];
  if (question.secret) found.push(make("p", "paper-mark", word("secret-mark")));
  if (question.paper) found.push(make("p", "paper-mark", word("paper-mark")));
  if (question.held_why) found.push(make("p", "ruling bad", `▲ ${word("held-by-fleet")}: ${question.held_why}`));
  return found;
}

function turnoutParts(question) {
  const counted = word(question.paper ? "box-agreed" : "turnout");
  const parts = [
    make("p", "big", make("strong", "", String(question.voted)), ` / ${question.seated} `, make("small", "", counted)),
    bar([["voted", question.voted], ["waiting", Math.max(0, question.seated - question.voted)]], question.seated),
    make("p", "hint", word(question.secret ? "turnout-secret" : "turnout-only")),
  ];
  if (question.missing && question.missing.length) {
    const more = question.missing_count - question.missing.length;
    const seats = question.missing.join(", ") + (more > 0 ? ` ${word("more", { count: more })}` : "");
    parts.push(make("p", "ruling bad", `▲ ${word(question.paper ? "waiting-boxes" : "missing")}: ${seats}`));
  }
  return parts;
}

/** Outcome, numbers, and every step of the sum, so that a person can redo it. */
export function resultParts(result) {
  const sums = result.sums && result.sums.length ? result.sums : [result.quorum, result.majority];
  const persons = result.persons || [];
  return [
    make("p", `outcome ${result.outcome}`, word(result.outcome)),
    ...(persons.length ? [personRows(persons)] : motionRows(result)),
    ...(result.rule_words ? [make("p", "hint", result.rule_words[language()])] : []),
    ...sums.map((sum) => make("p", sum.holds ? "ruling" : "ruling bad", sum[language()])),
    ...(result.refusals || []).map((fault) => make("p", "ruling bad", fault[language()])),
  ];
}

function motionRows(result) {
  const rows = CHOICES.map((choice) => [choice, result[choice]]);
  const spoilt = [["blank", result.blank], ["invalid", result.invalid]].filter((row) => row[1]);
  return [bar(rows, result.cast), numbers([...rows, ...spoilt])];
}

function personRows(persons) {
  const rows = persons.map((each) =>
    [String(each.number), each.name, String(each.votes), String(each.against), each.elected ? word("elected") : ""]);
  return table(["number-short", "name", "for", "against", "result"], rows);
}

/** The published list, by seat, and the ballots that do not count with the reason. */
export async function drawNames(question) {
  const place = document.getElementById("names");
  const answer = await fetch(`/api/questions/${encodeURIComponent(question)}/result`).catch(() => null);
  if (!answer || !answer.ok) {
    place.replaceChildren(make("p", "none", sentence(answer ? await answer.json() : {})));
    return;
  }
  const result = await answer.json();
  const bySeat = [...result.choices].sort((a, b) => a.seat.localeCompare(b.seat, "vi", { numeric: true }));
  const rows = bySeat.map((row) =>
    [row.seat, row.name === null ? word("withdrawn") : row.name, row.party, word(row.choice)]);
  place.replaceChildren(table(["seat", "name", "party", "choice"], rows));
  if (result.uncounted.length) {
    const lines = result.uncounted.map((row) => `${row.seat || row.device}: ${word(`why-${row.why}`)} (#${row.leaf})`);
    place.append(make("p", "hint", `${word("uncounted")}: ${lines.join(" · ")}`));
  }
}

function table(heads, rows) {
  const head = make("tr", "", ...heads.map((key) => {
    const cell = make("th", "", word(key));
    cell.scope = "col";
    return cell;
  }));
  const body = rows.map((row) => make("tr", "", ...row.map((text) => make("td", "", text))));
  const scroll = make("div", "scroll", make("table", "", make("thead", "", head), make("tbody", "", ...body)));
  scroll.tabIndex = 0; // so that the keyboard can scroll it
  return scroll;
}
