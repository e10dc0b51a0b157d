// Finding words in a document: n of m, also in what the browser has not laid out.
import { isTyping, pane, reader } from "./marks.js";

const MOST = 5000;
const MOST_PAINTED = 2000;
const paints = "highlights" in CSS;
let places = [];
let at = -1;
let waiting = 0;

const finder = () => document.getElementById("finder");
const field = () => document.getElementById("find-words");

function open() {
  finder().hidden = false;
  opener().setAttribute("aria-expanded", "true");
  const chosen = getSelection().toString().trim();
  if (chosen && chosen.length < 100 && !chosen.includes("\n")) field().value = chosen;
  field().focus();
  field().select();
  search();
}

function close() {
  finder().hidden = true;
  places = [];
  paint();
  opener().setAttribute("aria-expanded", "false");
  opener().focus({ preventScroll: true });
}

const opener = () => reader().querySelector("[data-open-find]");

/** Look for the words in every block, whatever their case; start at what is in view. */
function search() {
  const wanted = field().value.trim().toLowerCase();
  places = [];
  at = -1;
  if (wanted) {
    for (const block of pane().querySelectorAll("[data-start]")) {
      const text = block.textContent.toLowerCase();
      // A few letters change their length with their case: such a block is searched as it is written.
      const held = text.length === block.textContent.length ? text : block.textContent;
      for (let index = held.indexOf(wanted); index !== -1; index = held.indexOf(wanted, index + wanted.length)) {
        places.push({ block, start: index, end: index + wanted.length });
        if (places.length >= MOST) break;
      }
      if (places.length >= MOST) break;
    }
  }
  if (places.length) {
    const first = places.findIndex((place) => place.block.getBoundingClientRect().bottom > 80);
    at = first === -1 ? 0 : first;
    show();
  }
  paint();
  tell();
}

function step(way) {
  if (!places.length) return;
  at = (at + way + places.length) % places.length;
  show();
  paint();
  tell();
}

function show() {
  const range = rangeOf(places[at]);
  if (!range) return;
  const box = range.getBoundingClientRect();
  if (box.top >= 96 && box.bottom <= innerHeight - 80) return;
  places[at].block.scrollIntoView({ block: "center" });
  const after = range.getBoundingClientRect();
  if (after.top < 96 || after.bottom > innerHeight - 80) scrollBy({ top: after.top - innerHeight / 2, behavior: "instant" });
}

/** The DOM range of a place, or null if the block has left the page. */
function rangeOf({ block, start, end }) {
  if (!block.isConnected) return null;
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  let read = 0;
  let hasStart = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const length = node.data.length;
    if (!hasStart && start < read + length) {
      range.setStart(node, start - read);
      hasStart = true;
    }
    if (hasStart && end <= read + length) {
      range.setEnd(node, end - read);
      return range;
    }
    read += length;
  }
  return null;
}

function paint() {
  if (!paints) return;
  CSS.highlights.delete("found");
  CSS.highlights.delete("found-now");
  if (!places.length) return;
  CSS.highlights.set("found", new Highlight(...places.slice(0, MOST_PAINTED).map(rangeOf).filter(Boolean)));
  const now = rangeOf(places[at]);
  if (!now) return;
  const highlight = new Highlight(now);
  highlight.priority = 1;
  CSS.highlights.set("found-now", highlight);
}

function tell() {
  const words = document.getElementById("find-count");
  if (!field().value.trim()) words.textContent = "";
  else if (!places.length) words.textContent = "Not found";
  else words.textContent = `${at + 1} of ${places.length}${places.length === MOST ? "+" : ""}`;
}

document.addEventListener("input", (event) => {
  if (event.target !== field()) return;
  clearTimeout(waiting);
  waiting = setTimeout(search, 120);
});
document.addEventListener("submit", (event) => {
  if (event.target !== finder()) return;
  event.preventDefault();
  step(1);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-open-find], [data-close-find], [data-find-step]");
  if (!button) return;
  if (button.dataset.findStep) step(Number(button.dataset.findStep));
  else if (finder().hidden) open();
  else close();
});
document.addEventListener("keydown", (event) => {
  if (event.target === field()) {
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.shiftKey) {
      event.preventDefault();
      step(-1);
    }
    return;
  }
  if (event.key !== "/" || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  open();
});
for (const name of ["reader:fresh", "reader:view"]) {
  document.addEventListener(name, () => setTimeout(() => {
    if (!finder().hidden) search();
    else if (paints) CSS.highlights.clear();
  }));
}
