// The canvas of a picture: tools, keys, list, saving and export. See canvas-*.js for the parts.
import { Bars } from "./canvas-bars.js";
import { barList } from "./canvas-list.js";
import { flattened } from "./canvas-paint.js";
import { takePointers } from "./canvas-pointer.js";
import { saver } from "./canvas-save.js";
import { View } from "./canvas-view.js";
import { toast } from "./toast.js";

const PAN_PX = 60;
const page = document.getElementById("canvas");
const sheet = document.getElementById("sheet");
const live = document.getElementById("live");
const state = JSON.parse(document.getElementById("canvas-state").textContent);
const look = JSON.parse(document.getElementById("canvas-look").textContent);
const fills = document.getElementById("fill");
const drawAs = document.getElementById("draw-as");
const image = new Image();
let tool = "select";
let spaceIsDown = false;

const bars = new Bars(state, refresh);
let view = null;
let showList = () => {};
let saving = null;

image.addEventListener("load", open);
image.addEventListener("error", () => {
  page.dataset.loading = "failed";
  document.getElementById("loading").textContent = "The picture could not be loaded. Reload the page, or open the private link again.";
});
image.src = page.dataset.picture;

function open() {
  page.dataset.loading = "done";
  page.style.setProperty("--tallness", String(image.naturalHeight / image.naturalWidth));
  view = new View(sheet, image, bars, look);
  view.onZoom = tellZoom;
  showList = barList({ bars, look, done, say });
  saving = saver(page.dataset.save, bars, state, tellSaving);
  takePointers({ view, bars, tool: () => (spaceIsDown ? "hand" : tool), label: () => drawAs.value, done });
  tellSaving({ clean: state.clean });
  tellZoom();
  refresh("both");
}

function refresh(what) {
  view?.draw();
  showList();
  for (const button of page.querySelectorAll("[data-do=undo]")) button.disabled = !bars.undoable.length;
  for (const button of page.querySelectorAll("[data-do=redo]")) button.disabled = !bars.redoable.length;
  for (const button of page.querySelectorAll("[data-needs-bar]")) button.disabled = !bars.current;
  fills.value = bars.fill;
  if (what === "selection" && bars.current) say(inWords(bars.current));
}

/** Call after each finished change. */
function done() {
  saving?.later();
}

function say(sentence) {
  live.textContent = sentence;
}

function inWords(bar) {
  const name = look.categories[bar.label]?.name || bar.label;
  return `${name}${bar.text ? `, ${bar.text}` : ""}, ${bar.on ? "hidden" : "not hidden"}, ${bar.x}, ${bar.y}, ${bar.width} by ${bar.height} pixels`;
}

function tellZoom() {
  document.getElementById("zoom").textContent = `${Math.round(view.scale * 100)}%`;
}

function tellSaving({ saving: step, clean, error }) {
  const place = document.getElementById("saved");
  if (step) {
    place.dataset.state = step;
    place.querySelector("span").textContent = { wait: "Saving", saved: "Saved", failed: "Not saved" }[step];
  }
  if (error) toast(error, { stay: true });
  if (clean) tellClean(clean);
  else if (step === "wait") tellClean({ state: "making", places: [], error: "" });
}

function tellClean(clean) {
  const place = document.getElementById("clean");
  if (place.dataset.state === clean.state) return;
  place.dataset.state = clean.state;
  const words = {
    making: "The shared picture is being made and checked.",
    ready: "The shared picture is up to date and checked.",
    blocked: `Not shared: a hidden value can still be read ${clean.places.slice(0, 3).join(", ")}. Cover it there too.`,
    failed: `Not shared: ${clean.error}`,
  };
  place.textContent = words[clean.state] || "";
}

// ---- What can be done, by button or key

function setTool(name) {
  tool = name;
  page.dataset.tool = name;
  for (const button of page.querySelectorAll("[data-tool]")) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  sheet.style.cursor = { draw: "crosshair", hand: "grab" }[name] || "default";
}

/** A new bar in the middle of what is seen, for who draws without a pointer. */
function drawInTheMiddle() {
  const width = Math.max(8, Math.min(bars.size.width, 160 / view.scale));
  const height = Math.max(8, Math.min(bars.size.height, 28 / view.scale));
  const x = (view.width / 2 - view.x) / view.scale - width / 2;
  const y = (view.height / 2 - view.y) / view.scale - height / 2;
  const bar = bars.add({ x, y, width, height }, drawAs.value);
  say(`A bar was drawn. ${inWords(bar)}`);
  setTool("select");
  done();
}

const STEPS = {
  undo: () => { if (bars.undo()) { say("Undone."); done(); } },
  redo: () => { if (bars.redo()) { say("Redone."); done(); } },
  remove: () => { if (bars.current) { bars.remove(bars.selected); say("The bar was removed."); done(); } },
  duplicate: () => { if (bars.current) { bars.duplicate(bars.selected); done(); } },
  toggle: () => { if (bars.current) { say(bars.toggle([bars.current]) ? "Hidden." : "Not hidden."); done(); } },
  "toggle-category": () => {
    const label = bars.current?.label || drawAs.value;
    if (!bars.of(label).length) return;
    const on = bars.toggle(bars.of(label));
    say(`${look.categories[label]?.name || label}: ${on ? "all hidden" : "none hidden"}.`);
    done();
  },
  "toggle-all": () => { if (bars.bars.length) { say(bars.toggle(bars.bars) ? "All bars are on." : "All bars are off."); done(); } },
  "zoom-in": () => view.zoom(1.25),
  "zoom-out": () => view.zoom(0.8),
  fit: () => view.fit(),
  natural: () => view.zoom(1 / view.scale),
  draw: drawInTheMiddle,
  save: savePicture,
  copy: copyPicture,
  help: () => document.getElementById("keys").showModal(),
};

async function savePicture() {
  try {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await flattened(image, bars.bars, bars.fill, look));
    link.download = page.dataset.fileName;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    toast("The picture was saved as you see it.");
  } catch {
    toast("This browser could not make a picture of this size. Download it from the shared page.");
  }
}

async function copyPicture() {
  try {
    await navigator.clipboard.write([new ClipboardItem({ "image/png": flattened(image, bars.bars, bars.fill, look) })]);
    toast("The picture was copied.");
  } catch {
    toast("This browser does not let pages copy pictures. Save it instead.");
  }
}

page.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do], [data-tool]");
  if (!button || !view) return;
  if (button.dataset.do) STEPS[button.dataset.do]();
  else setTool(button.dataset.tool);
});

fills.addEventListener("change", () => {
  bars.change("", bars.bars, { fill: fills.value });
  done();
});

// ---- Keys

const KEYS = { v: "select", b: "draw", h: "hand" };
const PLAIN = { t: "toggle", c: "toggle-category", a: "toggle-all", d: "duplicate", delete: "remove", backspace: "remove", "+": "zoom-in", "=": "zoom-in", "-": "zoom-out", 0: "fit", 9: "natural", "?": "help", s: "save" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

document.addEventListener("keydown", (event) => {
  if (!view || document.querySelector("dialog[open]") || event.isComposing) return;
  if (event.target.closest("input[type=number], input[type=text], select, textarea")) return;
  if (take(event)) event.preventDefault();
});

function take(event) {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) return withControl(key, event);
  if (ARROWS[event.key]) return arrow(event);
  if (event.altKey) return false;
  if (key === "x") return peek(true);
  if (key === " ") return space(event);
  if (key === "enter") return enter(event);
  if (key === "escape") return escape();
  if (key === "n" || key === "p") return go(key === "n" ? 1 : -1);
  if (/^[1-8]$/.test(key)) return choose(key);
  if (KEYS[key]) setTool(KEYS[key]);
  else if (PLAIN[key]) STEPS[PLAIN[key]]();
  return Boolean(KEYS[key] || PLAIN[key]);
}

function withControl(key, event) {
  const step = { z: event.shiftKey ? "redo" : "undo", y: "redo", d: "duplicate", s: "save" }[key];
  if (!step) return false;
  STEPS[step]();
  return true;
}

/** Arrows move the bar, with Alt its right and lower edge; without a bar they move the view. */
function arrow(event) {
  const [dx, dy] = ARROWS[event.key];
  const by = event.shiftKey ? 10 : 1;
  if (!bars.current || tool === "hand") view.pan(-dx * PAN_PX, -dy * PAN_PX);
  else {
    if (event.altKey) bars.grow(bars.selected, dx * by, dy * by);
    else bars.move(bars.selected, dx * by, dy * by);
    view.reveal(bars.current);
    done();
  }
  return true;
}

function peek(isPeeking) {
  view.isPeeking = isPeeking;
  view.draw();
  return true;
}

function space(event) {
  if (event.target.closest("button, a, input, summary")) return false;
  spaceIsDown = true;
  sheet.style.cursor = "grab";
  return true;
}

function enter(event) {
  if (tool === "draw" && !event.target.closest("a, summary")) drawInTheMiddle();
  else if (event.target === sheet) STEPS.toggle();
  else return false;
  return true;
}

function escape() {
  if (tool !== "select") setTool("select");
  else bars.select(null);
  return true;
}

function go(by) {
  bars.step(by);
  if (bars.current) view.reveal(bars.current);
  return true;
}

/** A digit is a category: of the chosen bar, else of the next one drawn. */
function choose(key) {
  const label = Object.keys(look.categories).find((one) => look.categories[one].key === key);
  drawAs.value = label;
  if (bars.current && tool === "select") {
    bars.update("", [bars.selected], { label });
    done();
  }
  say(look.categories[label].name);
  return true;
}

document.addEventListener("keyup", (event) => {
  if (!view) return;
  if (event.key.toLowerCase() === "x") peek(false);
  if (event.key === " ") {
    spaceIsDown = false;
    setTool(tool);
  }
});
addEventListener("blur", () => {
  spaceIsDown = false;
  if (view?.isPeeking) peek(false);
});
addEventListener("pagehide", () => saving?.flush());
document.addEventListener("visibilitychange", () => {
  if (document.hidden) saving?.flush();
});
