// Painting bars: the same for the view, for the exported picture, and (in Python) on the server.

const SHARE = 0.62;
const BESIDE_PX = 6;
const cache = new Map();

/** Paint the bars that are on; `look` says colours and masks of words by category. */
export function paintBars(context, bars, fill, look) {
  for (const bar of bars) {
    if (!bar.on) continue;
    const category = look.categories[bar.label];
    const colour = colourOf(fill, category);
    context.fillStyle = css(colour);
    context.fillRect(bar.x, bar.y, bar.width, bar.height);
    const mask = fill === "category" && category?.masks.find((one) => one.height <= bar.height * SHARE && one.width <= bar.width - BESIDE_PX);
    if (!mask) continue;
    const left = bar.x + Math.floor((bar.width - mask.width) / 2);
    const top = bar.y + Math.floor((bar.height - mask.height) / 2);
    context.drawImage(stamp(bar.label, mask, inkOn(colour)), left, top);
  }
}

export function colourOf(fill, category) {
  if (fill === "white") return [255, 255, 255];
  return fill === "category" ? category?.colour || [0x55, 0x52, 0x4c] : [0, 0, 0];
}

/** The picture with its bars, in its own size, as the bytes of a PNG without metadata. */
export async function flattened(image, bars, fill, look) {
  const sheet = document.createElement("canvas");
  sheet.width = image.naturalWidth;
  sheet.height = image.naturalHeight;
  const context = sheet.getContext("2d", { alpha: false });
  context.drawImage(image, 0, 0);
  paintBars(context, bars, fill, look);
  const blob = await new Promise((resolve) => sheet.toBlob(resolve, "image/png"));
  if (!blob) throw new Error("no picture");
  return bare(await blob.arrayBuffer());
}

/** A PNG with the chunks that pixels need, and no others. */
function bare(buffer) {
  const view = new DataView(buffer);
  const kept = [new Uint8Array(buffer, 0, 8)];
  for (let at = 8; at + 12 <= buffer.byteLength; ) {
    const end = at + 12 + view.getUint32(at);
    const name = String.fromCharCode(...new Uint8Array(buffer, at + 4, 4));
    if (["IHDR", "PLTE", "IDAT", "IEND"].includes(name)) kept.push(new Uint8Array(buffer, at, end - at));
    if (name === "IEND") break;
    at = end;
  }
  return new Blob(kept, { type: "image/png" });
}

/** A word of whole pixels as a small canvas, drawn once. */
function stamp(label, mask, ink) {
  const key = `${label} ${mask.height} ${ink}`;
  if (!cache.has(key)) {
    const made = document.createElement("canvas");
    made.width = mask.width;
    made.height = mask.height;
    const context = made.getContext("2d");
    context.fillStyle = css(ink);
    for (const [y, x, length] of mask.runs) context.fillRect(x, y, length, 1);
    cache.set(key, made);
  }
  return cache.get(key);
}

function inkOn([red, green, blue]) {
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? [0, 0, 0] : [255, 255, 255];
}

function css(colour) {
  return `rgb(${colour.join(" ")})`;
}
