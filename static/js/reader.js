// The page of an original: views, keys, and what happens after each correction.
// Documents add to it by listening: "reader:view" before a view is shown, "reader:fresh" after a correction.
import { correct, whenFresh } from "./corrections.js";
import { tellDates } from "./dates.js";
import { drawMap, estimateHeights } from "./map.js";
import { currentMark, isShown, isTyping, labelOf, labelOfKey, marks, pane, reader, readMarks, setCurrent, step } from "./marks.js";
import { allMentions, setAllMentions, syncMentions } from "./mentions.js";
import * as popover from "./popover.js";
import { toast } from "./toast.js";

const VIEWS = ["redacted", "original", "both"];
const isBurnt = "burnt" in reader().dataset;
// A burnt paste is read-only: its page has no correction parts to load.
const selection = isBurnt ? null : await import("./selection.js");

// ---- Views

function show(view) {
  popover.close();
  selection?.dropSelection();
  const place = currentMark() ? marks().indexOf(currentMark()) : null;
  reader().dataset.view = view;
  document.dispatchEvent(new CustomEvent("reader:view", { detail: view }));
  applyView();
  estimateHeights();
  readMarks();
  if (place !== null) setCurrent(marks()[place] || null, { focus: true });
  drawMap();
}

function applyView() {
  const view = reader().dataset.view;
  for (const one of reader().querySelectorAll("[data-pane]")) one.hidden = one !== pane();
  for (const button of reader().querySelectorAll("[data-view-to]")) {
    button.setAttribute("aria-pressed", String(button.dataset.viewTo === view));
  }
}

// ---- After a correction

let lastFrom = null;

function fresh() {
  document.dispatchEvent(new CustomEvent("reader:fresh"));
  applyView();
  readMarks();
  syncMentions();
  tellDates(reader());
  estimateHeights();
  drawMap();
  if (lastFrom === null) return;
  const near = marks().find((mark) => Number(mark.dataset.from) >= lastFrom) || null;
  if (near && Number(near.dataset.from) === lastFrom) setCurrent(near);
  // The keyboard goes on from where it was, without moving the page.
  if (document.activeElement === document.body) (near || reader().querySelector("[data-step='1']")).focus({ preventScroll: true });
}

whenFresh(fresh);

function history(op) {
  const button = reader().querySelector(`[data-history="${op}"]`);
  if (!button) return;
  if (button.disabled) toast(op === "undo" ? "Nothing to undo." : "Nothing to redo.");
  else correct([{ op }], false);
}

// ---- Pointer

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step], [data-view-to], [data-history], [data-open-mark], [data-open-keys]");
  if (button) return press(button.dataset);
  const mark = event.target.closest(".span");
  if (mark && pane().contains(mark) && isShown(mark) && getSelection().isCollapsed) {
    lastFrom = Number(mark.dataset.from);
    return popover.openOn(mark);
  }
  const bar = event.target.closest(".bar");
  if (bar && pane().contains(bar)) return setCurrent(bar);
  if (popover.isOpen() && !event.target.closest(".pop, .side, .map, dialog")) popover.close();
  return undefined;
});

function press(data) {
  if (data.step) go(Number(data.step));
  else if (data.viewTo) show(data.viewTo);
  else if (data.history) history(data.history);
  else if ("openMark" in data) selection.openMarkDialog();
  else document.getElementById("keys").showModal();
}

function go(way, label = null) {
  const wasOpen = popover.isOpen();
  const mark = step(way, label);
  if (!mark) {
    toast(label ? "None of this category." : "Nothing is marked.");
    return;
  }
  lastFrom = Number(mark.dataset.from);
  if (wasOpen && mark.matches(".span")) popover.openOn(mark);
}

// ---- Keys

document.addEventListener("keydown", (event) => {
  if (isTyping(event)) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey) {
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    history(key === "y" || event.shiftKey ? "redo" : "undo");
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key(event)) event.preventDefault();
});

/** Act on one key; true when it meant something here. */
function key(event) {
  const label = labelOfKey(event);
  if (label) return digit(label, event.shiftKey);
  switch (event.key) {
    case "n": go(1); return true;
    case "p": go(-1); return true;
    case "v": show(VIEWS[(VIEWS.indexOf(reader().dataset.view) + 1) % VIEWS.length]); return true;
    case "?": document.getElementById("keys").showModal(); return true;
    case "g": return goToMention();
    case "Escape": return escape();
    case "Enter":
    case " ": return enter(event);
    default: return !isBurnt && correctionKey(event.key);
  }
}

function digit(label, isShifted) {
  if (popover.isChanging()) popover.relabel(label);
  else if (selection?.hasSelection()) selection.markSelection(label);
  else go(isShifted ? -1 : 1, label);
  return true;
}

function escape() {
  if (popover.isOpen()) popover.close();
  else if (selection?.hasSelection()) selection.dropSelection();
  else setCurrent(null);
  return true;
}

function enter(event) {
  const mark = event.target.closest(".span");
  if (!mark) return false;
  popover.openOn(mark, { focus: true });
  return true;
}

function goToMention() {
  if (!popover.isOpen()) {
    if (!currentMark()?.matches(".span")) return false;
    popover.openOn(currentMark());
  }
  popover.act("next-mention");
  return true;
}

function correctionKey(name) {
  if (name === "m") {
    selection.openMarkDialog();
    return true;
  }
  if (name === "a" && (selection.hasSelection() || !(popover.isOpen() || actsOnMark()))) {
    setAllMentions(!allMentions());
    toast(allMentions() ? "Corrections apply to all mentions." : "Corrections apply to one place.");
    return true;
  }
  const act = { x: "remove", Delete: "remove", a: "hide-all", c: "change" }[name];
  if (!act || selection.hasSelection()) return false;
  if (!popover.isOpen()) {
    if (!actsOnMark()) return false;
    popover.openOn(currentMark(), { focus: true });
  }
  popover.act(act);
  return true;
}

/** True when the keyboard stands on a mark of the original. */
function actsOnMark() {
  return currentMark() !== null && currentMark() === document.activeElement && currentMark().matches(".span");
}

document.addEventListener("focusin", (event) => {
  const mark = event.target.closest(".span, .bar");
  if (!mark || !pane().contains(mark)) return;
  lastFrom = Number(mark.dataset.from);
  if (mark !== currentMark()) setCurrent(mark);
  const name = reader().querySelector(`[data-category="${labelOf(mark)}"] .name`).firstChild.textContent;
  document.getElementById("live").textContent = `${name}, ${reader().querySelector("[data-counter]").textContent}`;
});

applyView();
estimateHeights();
readMarks();
drawMap();
