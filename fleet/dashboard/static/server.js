// Requests to the hall's own server. What goes wrong comes back as a code and sentences, never as an exception.
import { language, word } from "./language.js";

/** {ok, body}; body is the answer, or {code, sentence, sentence_vi}. A sign-in that is over leads to the sign-in page. */
export async function ask(method, path, body) {
  try {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (answer.status === 401) location.assign("/sign-in");
    return { ok: answer.ok, body: await answer.json() };
  } catch {
    return { ok: false, body: { code: "unreachable", sentence: "" } };
  }
}

/** What to show of a refusal, or of a `{ word }` of the page itself, in the language of the page. */
export function sentence(body) {
  if (body.word) return word(body.word, body);
  if (!body.sentence) return word("unreachable");
  return (language() === "vi" && body.sentence_vi) || body.sentence;
}
