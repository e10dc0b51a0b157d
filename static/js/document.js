// The page of a document's original: what the reader of pastes does, with pages, search, figures and a file to download.
import "./menus.js";
import "./reader.js";
import "./find.js";
import "./scan.js";
import { mirror } from "./mirror.js";
import * as popover from "./popover.js";
import { marks, pane, reader, setCurrent, showOnly } from "./marks.js";
import { toast } from "./toast.js";

const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];
let failures = 0;
let shownState = document.getElementById("clean").dataset.state;

// ---- What others see is made of the marks when it is asked for

document.addEventListener("reader:view", (event) => {
  if (event.detail === "redacted") mirror();
});
document.addEventListener("reader:fresh", () => {
  if (reader().dataset.view === "redacted") mirror();
  window.htmx.process(reader());
  shownState = document.getElementById("clean").dataset.state;
  applyShow();
  filterByDetector();
});

// ---- Filters by detector and doubt

function filterByDetector() {
  const isOn = (selector) => reader().querySelector(selector).checked;
  // What repeats a finding of the model goes with the model.
  showOnly("off-by-model", isOn("[data-show-by=model]") ? null : (mark) => !["model", "repeat"].includes(mark.dataset.by));
  showOnly("off-by-rule", isOn("[data-show-by=rule]") ? null : (mark) => mark.dataset.by !== "rule");
  showOnly("only-unsure", isOn("[data-only-unsure]") ? (mark) => mark.matches(".unsure") : null);
  reader().querySelector("[data-unsure]").textContent = String(reader().querySelectorAll('[data-pane="original"] .unsure').length);
}

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-show-by], [data-only-unsure]")) filterByDetector();
});

// ---- Text or pages, where there is room for one of them

function applyShow() {
  const isPages = reader().dataset.show === "pages";
  reader().querySelector("[data-show-toggle]")?.setAttribute("aria-pressed", String(isPages));
}

function show(what) {
  if (reader().dataset.show === what) return;
  popover.close();
  reader().dataset.show = what;
  applyShow();
  document.dispatchEvent(new CustomEvent("reader:show", { detail: what }));
}

// ---- Going to places

function goToLeaf(number) {
  const leaf = pane().querySelector(`[data-leaf="${number}"]`);
  if (!leaf) return;
  show("text");
  leaf.scrollIntoView({ block: "start" });
}

function goToMark(start) {
  if (reader().dataset.view === "redacted") reader().querySelector('[data-view-to="original"]').click();
  show("text");
  const mark = marks().find((one) => one.dataset.from === start);
  if (!mark) return toast("These words are not marked any more.");
  setCurrent(mark, { focus: true });
  popover.openOn(mark);
  return undefined;
}

document.addEventListener("click", (event) => {
  const goal = event.target.closest("[data-goto], [data-goto-mark], [data-show-toggle]");
  if (!goal) return;
  event.preventDefault();
  goal.closest("details.menu")?.removeAttribute("open");
  if (goal.dataset.gotoMark) goToMark(goal.dataset.gotoMark);
  else if ("showToggle" in goal.dataset) show(reader().dataset.show === "pages" ? "text" : "pages");
  else {
    goToLeaf(goal.dataset.goto);
    if (Number(goal.dataset.gotoPage)) document.dispatchEvent(new CustomEvent("reader:page", { detail: Number(goal.dataset.gotoPage) }));
  }
});

// ---- The file to download: asked for until it is there

document.addEventListener("htmx:afterSettle", () => {
  failures = 0;
  const clean = document.getElementById("clean");
  if (!clean || clean.dataset.state === shownState) return;
  shownState = clean.dataset.state;
  const words = {
    ready: "The clean file is ready and verified.",
    blocked: "A check found something in the clean file. It is not handed out.",
    failed: "The clean file could not be made.",
  }[shownState];
  if (words) document.getElementById("live").textContent = words;
});

for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    if (event.target.id !== "clean") return;
    if (event.detail.xhr?.status === 404) return;
    const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
    failures += 1;
    setTimeout(() => window.htmx.trigger(document.getElementById("clean"), "retry"), wait);
  });
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-making]")) toast("The clean file is being made and checked. It follows your corrections.");
});

applyShow();
filterByDetector();
