// The marks of a reading page: which one is current, stepping, and the legend that filters.
// Works on spans (the original) and on bars (the redacted text) alike, without a listener on any of them.

const NAMES = ["private_person", "private_address", "private_email", "private_phone", "private_url", "private_date", "account_number", "secret"];
// Marks of a workspace's own categories: their labels begin so, and no sheet knows them by name.
const OWN = '.text [class*=" custom"], .map [class^="custom"], .page-svg [class*=" custom"]';
const off = new Set();
// Further filters by name: a mark is shown if all of them let it pass.
const tests = new Map();
let all = [];
let current = null;

export const reader = () => document.getElementById("reader");

/** The category of a mark: its second class. */
export const labelOf = (mark) => mark.classList[1];

/** The shown pane: redacted has bars, original and both have spans. */
export function pane() {
  return reader().querySelector(`[data-pane="${reader().dataset.view === "redacted" ? "redacted" : "original"}"]`);
}

export const currentMark = () => current;
export const shownMarks = () => (off.size || tests.size ? all.filter(isShown) : all);

export const isShown = (mark) => !off.has(labelOf(mark)) && [...tests.values()].every((test) => test(mark));

/** Read the marks of the shown pane anew, after a change of text or view. */
export function readMarks() {
  // A mark over several blocks stands in each of them, but is one mark.
  all = [...pane().querySelectorAll(".span, .bar")].filter((mark, at, found) => !at || !mark.dataset.from || mark.dataset.from !== found[at - 1].dataset.from);
  current = null;
  if (all.length) all[0].tabIndex = 0;
  applyFilters();
}

export const marks = () => all;

/** Make `mark` the current one; one mark at a time is in the tab order. */
export function setCurrent(mark, { focus = false } = {}) {
  if (current) {
    current.classList.remove("on");
    current.tabIndex = -1;
  } else if (all.length) {
    all[0].tabIndex = -1;
  }
  current = mark;
  if (mark) {
    mark.classList.add("on");
    mark.tabIndex = 0;
    if (focus) bringIntoView(mark);
  }
  tellPlace();
  document.dispatchEvent(new CustomEvent("reader:current", { detail: mark }));
}

function bringIntoView(mark) {
  mark.focus({ preventScroll: true });
  const box = mark.getBoundingClientRect();
  if (box.top < 72 || box.bottom > innerHeight - 160) mark.scrollIntoView({ block: "center" });
}

function tellPlace() {
  const counter = reader().querySelector("[data-counter]");
  if (!counter) return;
  const shown = shownMarks();
  const place = current ? shown.indexOf(current) + 1 : 0;
  counter.textContent = place ? `${place} of ${shown.length}` : `${shown.length} in all`;
}

/** Move by `way` (1 or -1) among the shown marks, or among those of one category. Returns the mark or null. */
export function step(way, label = null) {
  const shown = label ? all.filter((mark) => labelOf(mark) === label) : shownMarks();
  if (!shown.length) return null;
  if (label && off.has(label)) {
    off.delete(label);
    applyFilters();
  }
  const next = shown[nextPlace(shown, way)];
  setCurrent(next, { focus: true });
  return next;
}

function nextPlace(shown, way) {
  const at = shown.indexOf(current);
  if (at !== -1) return (at + way + shown.length) % shown.length;
  const isAfter = current
    ? (mark) => Boolean(current.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING)
    : (mark) => mark.getBoundingClientRect().top >= 0;
  const after = firstWhere(shown, isAfter);
  if (way > 0) return after === shown.length ? 0 : after;
  return after === 0 ? shown.length - 1 : after - 1;
}

/** Index of the first mark that fulfils a claim which all later ones fulfil too; few are looked at. */
function firstWhere(shown, claim) {
  let low = 0;
  let high = shown.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (claim(shown[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Show or hide the marks of a category; `alone` shows only it, or all again if it was alone. */
export function filter(label, alone) {
  if (alone) {
    const others = listed().filter((name) => name !== label);
    const wasAlone = others.every((name) => off.has(name)) && !off.has(label);
    off.clear();
    if (!wasAlone) others.forEach((name) => off.add(name));
  } else if (!off.delete(label)) {
    off.add(label);
  }
  if (current && off.has(labelOf(current))) setCurrent(null);
  applyFilters();
}

/** Show only marks that pass a test, until it is taken away with null; the reader carries the filter's name as a class. */
export function showOnly(name, test) {
  reader().classList.toggle(name, test !== null);
  if (test) tests.set(name, test);
  else tests.delete(name);
  if (current && !isShown(current)) setCurrent(null);
  applyFilters();
}

/** The categories of the legend, the workspace's own among them. */
const listed = () => [...new Set([...NAMES, ...[...reader().querySelectorAll("[data-category]")].map((one) => one.dataset.category)])];

function applyFilters() {
  for (const name of tests.keys()) reader().classList.add(name);
  for (const name of NAMES) reader().classList.toggle(`off-${name}`, off.has(name));
  for (const mark of reader().querySelectorAll(OWN)) mark.classList.toggle("is-off", [...mark.classList].some((name) => off.has(name)));
  for (const button of reader().querySelectorAll("[data-category]")) {
    button.setAttribute("aria-pressed", String(!off.has(button.dataset.category)));
  }
  tellPlace();
}

/** The next mark of the same value after `mark`, in a circle; null where it stands alone. */
export function nextMention(mark) {
  const same = all.filter((other) => other.dataset.value === mark.dataset.value && labelOf(other) === labelOf(mark));
  return same.length > 1 ? same[(same.indexOf(mark) + 1) % same.length] : null;
}

/** The category that a digit key 1 to 8 stands for, or null. Reads the physical key, for layouts with shifted digits. */
export function labelOfKey(event) {
  const digit = /^(?:Digit|Numpad)([1-8])$/.exec(event.code)?.[1];
  return digit ? NAMES[Number(digit) - 1] : null;
}

/** True when a key press belongs to a field or to an open dialog, not to the page. */
export function isTyping(event) {
  return Boolean(event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog[open]"));
}

document.addEventListener("click", (event) => {
  const category = event.target.closest("[data-category]");
  if (category) filter(category.dataset.category, event.altKey);
});
