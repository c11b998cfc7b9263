import { onLanguage } from "./language.js";
import { sentence } from "./server.js";

/** Send a form as JSON; resolves to {trouble: what to say}, or to what was answered. */
async function send(path, form) {
  const body = Object.fromEntries(new FormData(form));
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    return answer.ok ? said : { trouble: said };
  } catch {
    return { trouble: { word: "unreachable" } };
  }
}

/** What was said last in each form, so that it can be said again in the other language. */
const told = new Map();

function say(form, body) {
  told.set(form, body);
  const place = form.querySelector(".say");
  place.hidden = false;
  place.className = body.good ? "say good" : "say bad";
  place.textContent = sentence(body);
}

onLanguage(() => {
  for (const [form, body] of told) say(form, body);
});

function handle(id, path, done) {
  const form = document.getElementById(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    const said = await send(path, form);
    button.disabled = false;
    if (said.trouble) say(form, said.trouble);
    else done(form, said);
  });
}

// Who is an usher and nothing else stands at a gate with a phone.
const home = (roles) => (roles.length === 1 && roles[0] === "usher" ? "/usher" : "/");
handle("sign-in", "/api/sign-in", (_form, me) => location.assign(home(me.roles)));
handle("first-admin", "/api/first-admin", (form) => {
  document.getElementById("account").value = form.elements.account.value;
  form.reset();
  say(form, { good: true, word: "made" });
  document.getElementById("password").focus();
});
