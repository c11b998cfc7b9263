// The sum of a secret question, with the arithmetic by which anybody can redo the outcome.
import { make } from "./elements.js";
import { word } from "./language.js";

const GOOD = ["carried", "elected"];

function optionRows(result) {
  return result.options.map((each) => make("tr", "", make("td", "", each.label), make("td", "", String(each.count))));
}

function persons(result) {
  if (!result.persons.length) return [];
  const rows = result.persons.map((each) => make(
    "tr",
    "",
    make("td", "", `${each.number}. ${each.name}`),
    make("td", "", String(each.votes)),
    make("td", "", each.elected ? `● ${word("elected-mark")}` : ""),
  ));
  return [make("table", "numbers-table", make("tbody", "", ...rows))];
}

/** link: makes a download. said: a pair of words in the chosen language. */
export function drawResult(into, result, path, link, said) {
  if (!result) {
    into.replaceChildren();
    return;
  }
  const sums = [...result.sums, ...result.refusals.map((each) => ({ ...each, holds: false }))];
  const head = make("tr", "", make("th", "", ""), make("th", "", word("votes")));
  into.replaceChildren(make(
    "div",
    "box",
    make("h3", "", word("result")),
    make("p", `outcome ${GOOD.includes(result.outcome) ? "carried" : "not-carried"}`, said(result.outcome_words)),
    make("table", "numbers-table", make("thead", "", head), make("tbody", "", ...optionRows(result))),
    ...persons(result),
    make("p", "hint", `${word("counted-ballots")}: ${result.counted}/${result.enabled} · ${word("base-number")}: ${result.base}`),
    make("ul", "sums", ...sums.map((each) => make("li", each.holds ? "good" : "bad", `${each.holds ? "✓" : "✕"} ${said(each)}`))),
    make("p", "hint", `${word("certify-text")}: `, make("span", "mono", result.outcome_text)),
    make(
      "p",
      "links",
      link("protocol", path("/result?format=pdf")),
      link("annex", path("/result?format=annex")),
      link("table", path("/result?format=csv")),
    ),
  ));
}
