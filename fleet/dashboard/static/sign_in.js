import { word } from "./language.js";

/** Send a form as JSON; resolves to {trouble: the sentence to show}, or to what was answered. */
async function send(path, form) {
  const body = Object.fromEntries(new FormData(form));
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    return answer.ok ? said : { trouble: said.sentence };
  } catch {
    return { trouble: word("unreachable") };
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
    const said = await send(path, form);
    button.disabled = false;
    if (said.trouble) say(form, said.trouble, false);
    else done(form, said);
  });
}

// Who is an usher and nothing else stands at a gate with a phone.
const home = (roles) => (roles.length === 1 && roles[0] === "usher" ? "/usher" : "/");
handle("sign-in", "/api/sign-in", (_form, me) => location.assign(home(me.roles)));
handle("first-admin", "/api/first-admin", (form) => {
  document.getElementById("account").value = form.elements.account.value;
  form.reset();
  say(form, word("made"), true);
  document.getElementById("password").focus();
});
