import { chosen, onLanguage, word } from "./language.js";

const place = document.getElementById("said");
let shown = null;

function show() {
  place.hidden = shown === null;
  if (shown === null) return;
  place.className = `say ${shown.good ? "good" : "bad"}`;
  place.textContent = typeof shown.words === "string" ? word(shown.words) : chosen(shown.words);
}

/** A sentence for the person at the desk: a key, or both languages. */
export function say(words, good = false) {
  shown = words === null ? null : { words, good };
  show();
}

onLanguage(show);

/** What the desk answers; null when it refused, and that has been said, of what it was about. */
export async function call(method, path, body = {}, type = "application/json", about = "") {
  const options = { method, headers: {} };
  if (method !== "GET") {
    options.headers["Content-Type"] = type;
    options.body = type === "application/json" ? JSON.stringify(body) : body;
  }
  let answer;
  let told;
  try {
    answer = await fetch(path, options);
    told = await answer.json();
  } catch {
    say("unreachable");
    return null;
  }
  if (answer.ok) return told;
  say([about + told.vi, about + told.en]);
  if (told.code === "not-started") location.reload();
  return null;
}
