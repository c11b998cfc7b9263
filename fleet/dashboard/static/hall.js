import { age, conditionNow, make, setText, SIGNS, tag } from "./elements.js";
import { language, word } from "./language.js";

/** Presence and quorum of the sitting on show. */
export function drawRoll(sitting) {
  const place = document.getElementById("roll");
  tag(document.getElementById("sitting-state"), sitting && sitting.state);
  if (!sitting) {
    place.replaceChildren(make("p", "none", word("no-sitting")));
    return;
  }
  const quorum = make("p", sitting.quorum.holds ? "ruling good" : "ruling bad", sitting.quorum[language()]);
  const ways = Object.entries(sitting.by_method).map(([way, count]) => `${word(way)} ${count}`);
  place.replaceChildren(
    make("p", "title", sitting.title),
    make("p", "big", make("strong", "", String(sitting.present)), ` / ${sitting.summoned} `, make("small", "", word("present"))),
    bar([["present", sitting.present], ["left", sitting.left], ["absent", sitting.absent]], sitting.summoned),
    numbers([["left", sitting.left], ["absent", sitting.absent], ["guests", sitting.guests]]),
    quorum,
    make("p", "hint", ways.length ? `${word("by-method")}: ${ways.join(" · ")}` : ""),
  );
}

/** A bar of parts of a whole. The numbers stand beside it in words, so it is hidden from screen readers. */
export function bar(parts, whole) {
  const shape = make("div", "bar");
  shape.setAttribute("aria-hidden", "true");
  for (const [kind, count] of parts) {
    const part = make("span", `part ${kind}`);
    part.style.flexGrow = whole ? count : 0;
    shape.append(part);
  }
  return shape;
}

export function numbers(rows) {
  const list = make("dl", "numbers");
  for (const [key, value] of rows) list.append(make("div", `number ${key}`, make("dt", "", word(key)), make("dd", "", String(value))));
  return list;
}

/** Gates and other devices that are no keypads. */
export function drawGates(gates, nowMs) {
  const list = document.getElementById("gates");
  document.getElementById("no-gates").hidden = gates.length > 0;
  while (list.children.length > gates.length) list.lastChild.remove();
  gates.forEach((gate, at) => {
    const row = list.children[at] || list.appendChild(
      make("li", "", make("span", "sign"), make("span", "name"), make("span", "place"), make("span", "word")));
    const found = conditionNow(gate.word, gate.seen_ms, nowMs);
    row.dataset.condition = found;
    const [sign, name, where, said] = row.children;
    sign.setAttribute("aria-hidden", "true");
    setText(sign, SIGNS[found]);
    setText(name, gate.device);
    setText(where, gate.place);
    setText(said, [word(found), age(gate.seen_ms, nowMs)].filter(Boolean).join(" · "));
  });
}

export function drawLog(log) {
  const place = document.getElementById("log");
  if (!log) {
    setText(place, "–");
    return;
  }
  const at = new Date(log.issued_ms).toLocaleTimeString(language() === "en" ? "en-GB" : "vi-VN");
  setText(place, `${log.size} ${word("leaves")} · ${word("checkpoint")} ${at}`);
}
