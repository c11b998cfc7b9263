import { call } from "./calls.js";

async function start(token) {
  if (await call("POST", "/api/start", { token })) location.replace("/");
}

document.getElementById("start").addEventListener("submit", (event) => {
  event.preventDefault();
  start(document.getElementById("token").value.trim());
});

// Behind the # the code reaches neither a server's log nor another page.
if (location.hash.length > 1) {
  const token = location.hash.slice(1);
  history.replaceState(null, "", "/");
  start(token);
}
