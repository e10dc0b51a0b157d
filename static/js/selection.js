// Marking what the detector missed: by selecting text, or by typing the words.
import { correct } from "./corrections.js";
import { pane, reader } from "./marks.js";
import { allMentions } from "./mentions.js";
import { piecesOf, placesOf } from "./text.js";

const MOST = 2000;
const bar = document.getElementById("fixbar");
const dialog = document.getElementById("mark-dialog");
let pieces = [];

export const hasSelection = () => !bar.hidden;

// ---- By selecting

function readSelection() {
  const selection = getSelection();
  const isInText = selection.rangeCount && !selection.isCollapsed && reader().dataset.view !== "redacted"
    && selection.getRangeAt(0).intersectsNode(pane()) && pane().contains(selection.anchorNode);
  pieces = isInText ? piecesOf(selection.getRangeAt(0), pane()) : [];
  if (!pieces.length) {
    bar.hidden = true;
    return;
  }
  bar.hidden = false;
  position(selection.getRangeAt(0));
}

function position(range) {
  const lines = range.getClientRects();
  if (!lines.length) return;
  const last = lines[lines.length - 1];
  const size = bar.getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const left = Math.max(16, Math.min(last.left - 8, width - size.width - 16));
  const below = last.bottom + 10;
  const top = below + size.height > innerHeight ? Math.max(8, lines[0].top - size.height - 10) : below;
  bar.style.setProperty("--x", `${left + scrollX}px`);
  bar.style.setProperty("--y", `${top + scrollY}px`);
}

/** Hide the selected text as `label`. */
export function markSelection(label) {
  const edits = pieces.map((piece) => edit(piece, label));
  dropSelection();
  if (edits.length) correct(edits, allMentions());
}

export function dropSelection() {
  getSelection().removeAllRanges();
  pieces = [];
  bar.hidden = true;
}

function edit(piece, label) {
  return { op: "add", start: piece.start, end: piece.end, label };
}

let waiting = 0;
let isPressed = false;
document.addEventListener("selectionchange", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => { if (!isPressed) readSelection(); }, 120);
});
document.addEventListener("pointerdown", (event) => { isPressed = event.pointerType === "mouse" && !bar.contains(event.target); });
document.addEventListener("pointerup", () => {
  isPressed = false;
  setTimeout(readSelection, 0);
});
// A press on the bar must not clear the selection it is about.
bar.addEventListener("mousedown", (event) => event.preventDefault());
bar.addEventListener("click", (event) => {
  const pick = event.target.closest("[data-mark]");
  if (pick) markSelection(pick.dataset.mark);
});

// ---- By typing the words

const words = document.getElementById("mark-words");
const count = document.getElementById("mark-count");
const send = document.getElementById("mark-send");
let places = [];

export function openMarkDialog() {
  const selected = getSelection().isCollapsed ? "" : getSelection().toString().trim();
  words.value = selected;
  dialog.showModal();
  countPlaces();
  words.focus();
}

function countPlaces() {
  const wanted = words.value.replace(/\r\n?/g, "\n").trim();
  const original = reader().querySelector('[data-pane="original"]');
  places = wanted ? placesOf(wanted, original, MOST) : [];
  send.disabled = !places.length || places.length > MOST;
  send.textContent = places.length > 1 && places.length <= MOST ? `Hide ${places.length} places` : "Hide";
  if (!wanted) count.textContent = "Type or paste words of this text.";
  else if (!places.length) count.textContent = "Not in this text. Capital letters and spaces have to agree.";
  else if (places.length > MOST) count.textContent = `More than ${MOST} places. Take longer words.`;
  else count.textContent = `${places.length} place${places.length === 1 ? "" : "s"} in this text.`;
}

words.addEventListener("input", countPlaces);
words.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!send.disabled) send.click();
});
dialog.querySelector("form").addEventListener("submit", () => {
  const label = new FormData(dialog.querySelector("form")).get("label");
  if (places.length) correct(places.map((piece) => edit(piece, label)), false);
});
