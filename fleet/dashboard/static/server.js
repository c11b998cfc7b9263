// Requests to the hall's own server. What goes wrong comes back as a code and a sentence, never as an exception.

/** {ok, body}; body is the answer, or {code, sentence}. A sign-in that is over leads to the sign-in page. */
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
