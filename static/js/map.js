// The thin map beside the text: where marks stand, and what part of the text is in view.
import { labelOf, pane, reader } from "./marks.js";

const HEIGHT = 1000;
let waiting = 0;

/** In a long text only the blocks in view are laid out; tell the browser how high the others will be. */
export function estimateHeights() {
  if (!reader().classList.contains("long")) return;
  for (const leaf of pane().querySelectorAll(".leaf")) leaf.style.containIntrinsicBlockSize = `auto ${leaf.dataset.height}px`;
  for (const block of pane().querySelectorAll(":scope > :is(p:not(.meta), pre)")) {
    const text = block.textContent;
    const lines = text.length / (block.matches("pre") ? 72 : 62) + (text.match(/\n/g)?.length || 0) * 0.7 + 0.5;
    block.style.containIntrinsicBlockSize = `auto ${Math.ceil(lines) * (block.matches("pre") ? 26 : 31)}px`;
  }
}

/** Where a mark stands, as a share of the text's height. In a long text its block tells, so that nothing is laid out. */
function placesOfMarks(text) {
  const found = [...pane().querySelectorAll(".span, .bar")];
  if (!reader().classList.contains("long")) {
    return found.map((mark) => {
      const box = mark.getClientRects()[0];
      return [mark, box ? ((box.top + box.bottom) / 2 - text.top) / text.height : null];
    });
  }
  const seen = new Map();
  return found.map((mark) => {
    const leaf = mark.closest(".leaf");
    if (leaf) return [mark, placeInLeaf(mark, leaf, seen, text)];
    const block = mark.closest("p, pre, h1");
    if (!seen.has(block)) seen.set(block, { box: block.getBoundingClientRect(), count: block.childNodes.length, node: block.firstChild, at: 0 });
    const place = seen.get(block);
    while (place.node !== mark && place.node.nextSibling) {
      place.node = place.node.nextSibling;
      place.at += 1;
    }
    return [mark, (place.box.top + (place.box.height * place.at) / place.count - text.top) / text.height];
  });
}

/** In a document a leaf tells, and how far into its text the mark begins. */
function placeInLeaf(mark, leaf, seen, text) {
  if (!seen.has(leaf)) seen.set(leaf, leaf.getBoundingClientRect());
  const box = seen.get(leaf);
  const share = (Number(mark.dataset.from) - Number(leaf.dataset.offset)) / Math.max(1, Number(leaf.dataset.length));
  return (box.top + box.height * Math.min(1, Math.max(0, share)) - text.top) / text.height;
}

/** Draw all marks, at most one of a category in each two thousandths of the height. */
export function drawMap() {
  const map = reader().querySelector(".map");
  if (!map) return;
  const text = pane().getBoundingClientRect();
  // Where all of the text is in view, a map says nothing.
  map.classList.toggle("idle", text.height < innerHeight - 160);
  if (getComputedStyle(map).display === "none") return;
  const drawn = new Set();
  const marks = document.createDocumentFragment();
  for (const [mark, share] of placesOfMarks(text)) {
    if (share === null) continue;
    const label = labelOf(mark);
    const top = Math.round(share * (HEIGHT / 2)) * 2;
    if (drawn.has(label + top)) continue;
    drawn.add(label + top);
    marks.append(rectangle(label, top));
  }
  map.querySelector("g").replaceChildren(marks);
  drawView();
}

function rectangle(label, top) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  made.setAttribute("class", label);
  for (const [name, value] of [["x", 4], ["y", Math.max(0, top - 2)], ["width", 12], ["height", 5]]) made.setAttribute(name, value);
  return made;
}

function drawView() {
  waiting = 0;
  const view = reader().querySelector(".map .view");
  if (!view) return;
  const text = pane().getBoundingClientRect();
  const top = Math.min(1, Math.max(0, -text.top / text.height));
  const bottom = Math.min(1, Math.max(0, (innerHeight - text.top) / text.height));
  view.setAttribute("y", String(top * HEIGHT + 1));
  view.setAttribute("height", String(Math.max(8, (bottom - top) * HEIGHT - 2)));
}

function goTo(event) {
  const box = reader().querySelector(".map").getBoundingClientRect();
  const text = pane().getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientY - box.top) / box.height));
  scrollTo({ top: scrollY + text.top + share * text.height - innerHeight / 2, behavior: "instant" });
}

document.addEventListener("scroll", () => {
  if (!waiting) waiting = requestAnimationFrame(drawView);
}, { passive: true });

document.addEventListener("pointerdown", (event) => {
  const map = event.target.closest(".map");
  if (!map) return;
  event.preventDefault();
  map.setPointerCapture(event.pointerId);
  goTo(event);
});
document.addEventListener("pointermove", (event) => {
  if (event.buttons && event.target.closest?.(".map")?.hasPointerCapture(event.pointerId)) goTo(event);
});

let resizing = 0;
addEventListener("resize", () => {
  clearTimeout(resizing);
  resizing = setTimeout(drawMap, 150);
});
document.fonts?.ready.then(() => drawMap());
