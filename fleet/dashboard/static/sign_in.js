import { word } from "./language.js";

/** Send a form as JSON; resolves to null, or to the sentence to show. */
async function send(path, form) {
  const body = Object.fromEntries(new FormData(form));
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.ok ? null : (await answer.json()).sentence;
  } catch {
    return word("unreachable");
  }
}

function say(form, sentence, good) {
  const place = form.querySelector(".say");
  place.hidden = false;
  place.className = good ? "say good" : "say bad";
  place.textContent = sentence;
}

function handle(id, path, done) {
  const form = document.getElementById(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    const trouble = await send(path, form);
    button.disabled = false;
    if (trouble) say(form, trouble, false);
    else done(form);
  });
}

handle("sign-in", "/api/sign-in", () => location.assign("/"));
handle("first-admin", "/api/first-admin", (form) => {
  document.getElementById("account").value = form.elements.account.value;
  form.reset();
  say(form, word("made"), true);
  document.getElementById("password").focus();
});
