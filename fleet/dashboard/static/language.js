// Vietnamese first; the switch shows English. Which of both is seen is the style sheet's business.
const WORDS = JSON.parse(document.getElementById("words").textContent);
const KEY = "hallward-language";
const page = document.documentElement;
const listeners = [];

export function language() {
  return page.dataset.language;
}

/** The word of a key in the chosen language; `{count}` and the like are filled in. */
export function word(key, values = {}) {
  const pair = WORDS[key];
  const text = pair ? pair[language() === "en" ? 1 : 0] : key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Call again whenever the language changes. */
export function onLanguage(listener) {
  listeners.push(listener);
}

function choose(chosen) {
  page.dataset.language = chosen;
  page.lang = chosen;
  for (const listener of listeners) listener();
}

function remembered() {
  try {
    return localStorage.getItem(KEY) === "en" ? "en" : "vi";
  } catch {
    return "vi"; // a browser that keeps nothing still shows the page
  }
}

choose(remembered());
for (const button of document.querySelectorAll("[data-language-switch]")) {
  button.addEventListener("click", () => {
    choose(language() === "vi" ? "en" : "vi");
    try {
      localStorage.setItem(KEY, language());
    } catch {
      // as above
    }
  });
}
