import { word } from "./language.js";

/** An element with a class and children; text never becomes markup. */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Word and sign of a condition: colour alone says nothing. */
export const SIGNS = { online: "●", attention: "▲", stale: "○", never: "–", revoked: "✕" };

const FRESH_MS = 15000;

/** What a device's condition has become since the server said it: green does not outlive 15 s of silence. */
export function conditionNow(said, seenMs, nowMs) {
  const green = said === "online" || said === "attention";
  return green && nowMs - seenMs > FRESH_MS ? "stale" : said;
}

/** How long ago, short. */
export function age(seenMs, nowMs) {
  if (seenMs === null) return "";
  const seconds = Math.max(0, Math.floor((nowMs - seenMs) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export function tag(element, key) {
  element.hidden = !key;
  element.dataset.state = key || "";
  if (key) setText(element, word(key));
}
