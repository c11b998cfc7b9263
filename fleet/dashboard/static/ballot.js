import { make, tag } from "./elements.js";
import { bar, numbers } from "./hall.js";
import { language, word } from "./language.js";

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
    ...(question.result ? resultParts(question.result) : turnoutParts(question)),
  );
}

function turnoutParts(question) {
  const parts = [
    make("p", "big", make("strong", "", String(question.voted)), ` / ${question.seated} `, make("small", "", word("turnout"))),
    bar([["voted", question.voted], ["waiting", Math.max(0, question.seated - question.voted)]], question.seated),
    make("p", "hint", word("turnout-only")),
  ];
  if (question.missing.length) {
    const more = question.missing_count - question.missing.length;
    const seats = question.missing.join(", ") + (more > 0 ? ` ${word("more", { count: more })}` : "");
    parts.push(make("p", "ruling bad", `▲ ${word("missing")}: ${seats}`));
  }
  return parts;
}

function resultParts(result) {
  const head = make("p", `outcome ${result.outcome}`, word(result.outcome));
  return [
    head,
    bar(CHOICES.map((choice) => [choice, result[choice]]), result.cast),
    numbers(CHOICES.map((choice) => [choice, result[choice]])),
    make("p", "ruling", result.majority[language()]),
    make("p", result.quorum.holds ? "ruling" : "ruling bad", result.quorum[language()]),
  ];
}

/** The published list, by seat, and the ballots that do not count with the reason. */
export async function drawNames(question) {
  const place = document.getElementById("names");
  const answer = await fetch(`/api/questions/${encodeURIComponent(question)}/result`).catch(() => null);
  if (!answer || !answer.ok) {
    place.replaceChildren(make("p", "none", answer ? (await answer.json()).sentence : word("unreachable")));
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
