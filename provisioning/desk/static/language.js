// Vietnamese first; the switch shows English. Which of both is seen is the style sheet's business.
const WORDS = JSON.parse(document.getElementById("words").textContent);
const KEY = "hallward-language";
const page = document.documentElement;
const listeners = [];

/** Of a pair [vi, en], the one that is shown. */
export function pick(pair) {
  return pair[page.dataset.language === "en" ? 1 : 0];
}

/** The word of a key; `{name}` and the like are filled in. A key without words stands for itself. */
export function word(key, values = {}) {
  const pair = WORDS[key];
  return pair ? pick(pair).replace(/\{(\w+)\}/g, (_, name) => values[name]) : key;
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

let remembered = "vi";
try {
  remembered = localStorage.getItem(KEY) === "en" ? "en" : "vi";
} catch {
  // a browser that keeps nothing still shows the page
}
choose(remembered);
for (const button of document.querySelectorAll("[data-language-switch]")) {
  button.addEventListener("click", () => {
    choose(page.dataset.language === "vi" ? "en" : "vi");
    try {
      localStorage.setItem(KEY, page.dataset.language);
    } catch {
      // as above
    }
  });
}
