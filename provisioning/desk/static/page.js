// What the steps share: elements, requests, which section is seen, what went wrong.
import { onLanguage, pick, word } from "./language.js";

const SECTIONS = ["sign-in", "hall", "claim", "device", "spares", "swapped"];
export const element = (id) => document.getElementById(id);

/** An element with a class and children; text never becomes markup. */
export function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** Which section is seen; the others are hidden. */
export function show(section) {
  for (const id of SECTIONS) element(id).hidden = id !== section;
  element("sign-out").hidden = section === "sign-in";
}

export function isShown(section) {
  return !element(section).hidden;
}

let trouble = null;

/** Say what went wrong, a pair of sentences; null takes it away. */
export function complain(words) {
  trouble = words;
  element("trouble").hidden = !words;
  element("trouble").textContent = words ? pick(words) : "";
}

onLanguage(() => complain(trouble));

/** {ok, status, body}. Never an exception: what goes wrong has a code and sentences. */
export async function ask(method, path, body) {
  try {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    return { ok: answer.ok, status: answer.status, body: await answer.json() };
  } catch {
    return { ok: false, status: 0, body: { code: "unreachable", vi: word("unreachable"), en: word("unreachable") } };
  }
}

let signInFirst = () => {};

export function onSignedOut(listener) {
  signInFirst = listener;
}

/** The answer's body; null after it was said what went wrong, or that somebody has to sign in first. */
export async function get(method, path, body) {
  const answer = await ask(method, path, body);
  if (answer.ok) {
    complain(null);
    return answer.body;
  }
  if (answer.status === 401 && path !== "/api/sign-in") signInFirst();
  else complain([answer.body.vi, answer.body.en]);
  return null;
}

let silence = null; // what the page complained of by itself

/** As ask, for what the page looks up by itself: it says what goes wrong, and takes that back when it goes well
 *  again; a sentence that answers somebody's own act stays until their next one. */
export async function watch(path) {
  const answer = await ask("GET", path);
  const isWell = answer.ok || answer.status === 404;
  if (answer.status === 401) signInFirst();
  else if (isWell && silence && trouble === silence) complain(null);
  else if (!isWell) complain([answer.body.vi, answer.body.en]);
  silence = isWell || answer.status === 401 ? null : trouble;
  return answer;
}

/** Word and sign of a condition: colour alone says nothing. */
export const SIGNS = { online: "●", attention: "▲", stale: "○", never: "–", revoked: "✕" };
