// Offsets in this product count Unicode code points; the DOM counts UTF-16 units.

/** Number of code points in `text`. A lone surrogate counts as one. */
export function codePoints(text) {
  const pairs = text.match(/[\uD800-\uDBFF][\uDC00-\uDFFF]/g);
  return text.length - (pairs ? pairs.length : 0);
}

/** The text between the start of `block` and a DOM position inside it. */
function textUpTo(block, container, offset) {
  const range = document.createRange();
  range.selectNodeContents(block);
  range.setEnd(container, offset);
  return range.toString();
}

/**
 * The parts of a DOM range that lie in the blocks of `pane`, white space trimmed.
 * Returns [{start, end, text}], offsets in code points of the stored text, one for each block.
 */
export function piecesOf(range, pane) {
  const pieces = [];
  for (const block of pane.querySelectorAll("[data-start]")) {
    if (!range.intersectsNode(block)) continue;
    const before = block.contains(range.startContainer) ? textUpTo(block, range.startContainer, range.startOffset) : "";
    const until = block.contains(range.endContainer) ? textUpTo(block, range.endContainer, range.endOffset) : block.textContent;
    const inside = until.slice(before.length);
    const text = inside.trim();
    if (!text) continue;
    const lead = before + inside.slice(0, inside.indexOf(text));
    const start = Number(block.dataset.start) + codePoints(lead);
    pieces.push({ start, end: start + codePoints(text), text });
  }
  return pieces;
}

/**
 * Every place of `words` in the blocks of `pane`, exact letters, not overlapping.
 * Stops after `most`; returns pieces as piecesOf does, with isWhole where no letter or digit adjoins.
 */
export function placesOf(words, pane, most) {
  const places = [];
  const length = codePoints(words);
  for (const block of pane.querySelectorAll("[data-start]")) {
    const text = block.textContent;
    let counted = 0;
    let start = Number(block.dataset.start);
    for (let at = text.indexOf(words); at !== -1; at = text.indexOf(words, at + words.length)) {
      start += codePoints(text.slice(counted, at));
      counted = at;
      const around = text.slice(Math.max(0, at - 1), at) + " " + text.slice(at + words.length, at + words.length + 1);
      places.push({ start, end: start + length, text: words, isWhole: !/[\p{L}\p{N}]/u.test(around) });
      if (places.length > most) return places;
    }
  }
  return places;
}
