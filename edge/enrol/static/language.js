// Vietnamese first; the switch shows English. Nothing is remembered: the desk is shared.
const WORDS = JSON.parse(document.getElementById("words").textContent);
const page = document.documentElement;
const listeners = [];

export function language() {
  return page.dataset.language;
}

/** Of a pair of sentences the one in the chosen language. */
export function chosen(pair) {
  return pair[language() === "en" ? 1 : 0];
}

/** The word of a key in the chosen language; `{count}` and the like are filled in. */
export function word(key, values = {}) {
  return chosen(WORDS[key]).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Call again whenever the language changes. */
export function onLanguage(listener) {
  listeners.push(listener);
}

for (const button of document.querySelectorAll("[data-language-switch]")) {
  button.addEventListener("click", () => {
    page.dataset.language = page.lang = language() === "vi" ? "en" : "vi";
    for (const listener of listeners) listener();
  });
}
