// The pages of a PDF beside its text: one page at a time, which follows the text and leads it.
import { currentMark, isTyping, marks, pane, reader, setCurrent } from "./marks.js";
import * as popover from "./popover.js";

const SVG = "http://www.w3.org/2000/svg";
const KEPT = 6;
const PX_STEP = 300;
// Pages that were shown lately, by number: {svg, revision}.
const kept = new Map();
let now = 0;
let wanted = 0;
let asking = 0;

const place = () => document.getElementById("sheet-of");
const count = () => Number(reader().dataset.pages || 0);
const isShown = () => place() !== null && place().offsetParent !== null;

/** Show a page; the text stays where it is. */
async function showPage(number) {
  if (!count() || number < 1 || number > count()) return;
  wanted = number;
  tellNumber(number);
  if (!isShown()) return;
  const held = await page(number);
  if (wanted !== number || !place()) return;
  now = number;
  if (held && place().firstElementChild !== held) place().replaceChildren(held);
  markCurrent();
}

function tellNumber(number) {
  const words = reader().querySelector("[data-page-now]");
  if (words) words.textContent = String(number);
  for (const button of reader().querySelectorAll("[data-page-step]")) {
    button.disabled = Number(button.dataset.pageStep) < 0 ? number <= 1 : number >= count();
  }
  const chart = document.getElementById("chart");
  const bars = [...(chart?.querySelectorAll("a") || [])];
  const bar = bars.filter((one) => Number(one.dataset.gotoPage) && Number(one.dataset.gotoPage) <= number).pop();
  for (const one of bars) one.classList.toggle("cur", one === bar);
}

/** The SVG of a page with its marks; the picture is asked for once, the marks anew after a correction. */
async function page(number) {
  const held = kept.get(number);
  if (held && held.revision === reader().dataset.revision) {
    kept.delete(number);
    kept.set(number, held);
    return held.svg;
  }
  const revision = reader().dataset.revision;
  const fresh = await askForMarks(number);
  if (!fresh) return place()?.firstElementChild;
  if (held) {
    held.svg.querySelector(".hits").replaceWith(fresh.querySelector(".hits"));
    held.revision = revision;
    return held.svg;
  }
  fresh.prepend(picture(number, fresh));
  kept.set(number, { svg: fresh, revision });
  if (kept.size > KEPT) kept.delete(kept.keys().next().value);
  return fresh;
}

async function askForMarks(number) {
  try {
    const answer = await fetch(addressOf(number), { credentials: "same-origin" });
    if (!answer.ok) return null;
    const holder = document.createElement("template");
    holder.innerHTML = await answer.text();
    return holder.content.querySelector("svg");
  } catch {
    return null;
  }
}

const addressOf = (number) => reader().dataset.pageUrl.replace(/\d+$/, String(number));

function picture(number, svg) {
  const wide = Math.ceil((place().clientWidth * Math.min(2, devicePixelRatio || 1)) / PX_STEP) * PX_STEP;
  const image = document.createElementNS(SVG, "image");
  image.setAttribute("width", svg.dataset.width);
  image.setAttribute("height", svg.dataset.height);
  image.setAttribute("href", `${addressOf(number)}.png?w=${wide}`);
  svg.classList.add("loading");
  image.addEventListener("load", () => svg.classList.remove("loading"));
  image.addEventListener("error", () => {
    svg.classList.replace("loading", "missing");
    kept.delete(number);
  });
  return image;
}

/** Draw the current mark's boxes stronger than the others. */
function markCurrent() {
  const from = currentMark()?.dataset.from;
  for (const box of place()?.querySelectorAll(".hit") || []) box.classList.toggle("cur", box.dataset.from === from);
}

// ---- The page follows the text

const pageOf = (mark) => Number(mark?.closest(".leaf")?.dataset.page || 0);

function pageInView() {
  const line = Math.min(innerHeight / 3, 240);
  const leaves = pane().querySelectorAll(".leaf");
  let low = 0;
  let high = leaves.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (leaves[middle].getBoundingClientRect().bottom > line) high = middle;
    else low = middle + 1;
  }
  return Number(leaves[Math.min(low, leaves.length - 1)]?.dataset.page || 0);
}

let scrolling = 0;
let isLed = false;
document.addEventListener("scroll", () => {
  if (scrolling || !count()) return;
  scrolling = setTimeout(() => {
    scrolling = 0;
    if (isLed) {
      isLed = false;
      return;
    }
    const number = pageInView();
    if (number && number !== wanted) {
      clearTimeout(asking);
      tellNumber(number);
      wanted = number;
      asking = setTimeout(() => showPage(number), 120);
    }
  }, 80);
}, { passive: true });

document.addEventListener("reader:current", (event) => {
  const number = pageOf(event.detail);
  if (number && number !== wanted) showPage(number).then(markCurrent);
  else markCurrent();
});
document.addEventListener("reader:page", (event) => {
  isLed = true;
  showPage(event.detail);
});
document.addEventListener("reader:show", () => showPage(wanted || 1));
document.addEventListener("reader:fresh", () => setTimeout(() => showPage(wanted || 1)));

// ---- The text follows the page

function goToPage(number) {
  if (number < 1 || number > count()) return;
  const leaf = pane().querySelector(`.leaf[data-page="${number}"]`);
  isLed = leaf !== null && reader().dataset.show === "text";
  if (isLed) leaf.scrollIntoView({ block: "start" });
  showPage(number);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-page-step]");
  if (button) return goToPage((wanted || 1) + Number(button.dataset.pageStep));
  const box = event.target.closest(".hit");
  if (!box) return undefined;
  const mark = marks().find((one) => one.dataset.from === box.dataset.from);
  if (!mark) return undefined;
  isLed = true;
  setCurrent(mark, { focus: reader().dataset.show === "text" });
  if (mark.matches(".span")) popover.openOn(mark, reader().dataset.show === "text" ? {} : { at: box });
  return undefined;
});
document.addEventListener("keydown", (event) => {
  if (!count() || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "[") goToPage((wanted || 1) - 1);
  else if (event.key === "]") goToPage((wanted || 1) + 1);
});
addEventListener("resize", () => {
  if (isShown() && !place().childElementCount) showPage(wanted || 1);
});

showPage(pageInView() || 1);
