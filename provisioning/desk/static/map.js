// The hall as its plan says: places to tap for one kind of device, on a map or in a list.
import { word } from "./language.js";
import { element, make } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
const SPOT = [56, 48];
const GAP = 8;
let places = [];
let claim = null;
let tap = () => {};

/** Draw the places for this claim; tapped(place) when a free one is chosen. */
export function drawPlaces(known, shown, tapped) {
  claim = shown;
  tap = tapped;
  places = known;
  element("no-places").hidden = places.length > 0;
  drawMap();
  drawList();
}

const isExpected = (place) => place.serial !== null && place.serial === claim.serial;
const isMine = (place) => claim.place === place.place;
const isFree = (place) => !place.is_taken || isMine(place);
const looks = (place) => (isMine(place) ? "mine" : isFree(place) ? (isExpected(place) ? "expected" : "free") : "taken");
const title = (place) => `${place.label || place.place}: ${word(looks(place))}`;

/** Places on a grid in the order of their coordinates: no two overlap, however close the plan has them. */
function columns(values) {
  const sorted = [...new Set(values)].sort((one, other) => one - other);
  return new Map(sorted.map((value, at) => [value, at]));
}

function drawMap() {
  const across = columns(places.map((place) => place.x));
  const down = columns(places.map((place) => place.y));
  const [width, height] = [across.size * (SPOT[0] + GAP) + GAP, down.size * (SPOT[1] + GAP) + GAP];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("role", "group");
  svg.setAttribute("aria-label", word("choose-place"));
  if (across.size > 5) {
    svg.setAttribute("class", "wide");
    svg.setAttribute("width", String(width));
  } else svg.setAttribute("width", String(Math.min(width * 1.4, 700)));
  for (const place of places) {
    const spot = document.createElementNS(SVG, "g");
    const x = GAP + across.get(place.x) * (SPOT[0] + GAP);
    const y = GAP + down.get(place.y) * (SPOT[1] + GAP);
    spot.setAttribute("class", `spot ${looks(place)}`);
    spot.setAttribute("transform", `translate(${x} ${y})`);
    spot.setAttribute("role", "button");
    spot.setAttribute("tabindex", isFree(place) ? "0" : "-1");
    spot.setAttribute("aria-label", title(place));
    spot.setAttribute("aria-disabled", String(!isFree(place)));
    spot.dataset.place = place.place;
    const box = document.createElementNS(SVG, "rect");
    for (const [name, value] of [["width", SPOT[0]], ["height", SPOT[1]], ["rx", 8]]) box.setAttribute(name, String(value));
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("x", String(SPOT[0] / 2));
    text.setAttribute("y", String(SPOT[1] / 2 + 5));
    text.textContent = (isMine(place) ? "✓ " : isFree(place) ? "" : "✕ ") + (place.seat || place.label || place.place).slice(0, 6);
    spot.append(box, text);
    if (isFree(place)) {
      spot.addEventListener("click", () => tap(place));
      spot.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        tap(place);
      });
    }
    svg.append(spot);
  }
  element("map").replaceChildren(svg);
}

const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/g, "d").toLowerCase();

function drawList() {
  const wanted = plain(element("search-place").value.trim());
  const fits = (place) => !wanted || plain(`${place.label} ${place.place} ${place.row} ${place.seat}`).includes(wanted);
  const ranked = [...places].sort((one, other) => isExpected(other) - isExpected(one));
  element("place-list").replaceChildren(
    ...ranked.filter(fits).slice(0, 200).map((place) => {
      const button = make("button", looks(place), make("b", "", place.label || place.place), word(looks(place)));
      button.type = "button";
      button.disabled = !isFree(place);
      button.dataset.place = place.place;
      button.addEventListener("click", () => tap(place));
      return make("li", "", button);
    }),
  );
}

function choose(tab) {
  for (const name of ["map", "list"]) {
    element(`tab-${name}`).setAttribute("aria-selected", String(name === tab));
    element(`${name}-box`).hidden = name !== tab;
  }
  if (tab === "list") element("search-place").focus();
}

element("tab-map").addEventListener("click", () => choose("map"));
element("tab-list").addEventListener("click", () => choose("list"));
element("search-place").addEventListener("input", drawList);
document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || element("placing").hidden || event.target.tagName === "INPUT") return;
  event.preventDefault();
  choose("list");
});
