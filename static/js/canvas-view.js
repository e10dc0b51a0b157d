// What is seen of the picture: zoom, place, and the drawing of it. CSS pixels outside, picture pixels inside.
import { paintBars } from "./canvas-paint.js";

const MOST_SCALE = 16;
const EDGE_PX = 24;
export const HANDLES = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];
const HANDLE_RADIUS_PX = 5.5;
/** Handles stand so far apart at least, outside of a bar that is smaller. */
const LEAST_APART_PX = 17;

export class View {
  constructor(sheet, image, bars, look) {
    Object.assign(this, { sheet, image, bars, look });
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.isFitted = true;
    this.isPeeking = false;
    this.context = sheet.getContext("2d");
    this.waits = false;
    this.onZoom = () => {};
    new ResizeObserver(() => this.resize()).observe(sheet);
    this.watchDensity();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.resize();
  }

  watchDensity() {
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener("change", () => { this.resize(); this.watchDensity(); }, { once: true });
  }

  resize() {
    this.width = this.sheet.clientWidth;
    this.height = this.sheet.clientHeight;
    const density = devicePixelRatio || 1;
    this.sheet.width = Math.max(1, Math.round(this.width * density));
    this.sheet.height = Math.max(1, Math.round(this.height * density));
    if (this.isFitted) this.fit();
    else this.keepInside();
    this.draw(true);
  }

  get fittingScale() {
    const { width, height } = this.bars.size;
    return Math.min(1, Math.max(0.01, (this.width - 2 * EDGE_PX) / width), Math.max(0.01, (this.height - 2 * EDGE_PX) / height));
  }

  fit() {
    this.scale = this.fittingScale;
    this.x = (this.width - this.bars.size.width * this.scale) / 2;
    this.y = (this.height - this.bars.size.height * this.scale) / 2;
    this.isFitted = true;
    this.onZoom();
    this.draw();
  }

  /** Zoom so that the point at (x, y) of the sheet stays where it is. */
  zoom(factor, x = this.width / 2, y = this.height / 2) {
    const scale = Math.min(MOST_SCALE, Math.max(Math.min(this.fittingScale, 0.25), this.scale * factor));
    this.x = x - ((x - this.x) * scale) / this.scale;
    this.y = y - ((y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.isFitted = false;
    this.keepInside();
    this.onZoom();
    this.draw();
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.isFitted = false;
    this.keepInside();
    this.draw();
  }

  /** Some of the picture always stays in sight. */
  keepInside() {
    const seen = 48;
    this.x = Math.min(this.width - seen, Math.max(seen - this.bars.size.width * this.scale, this.x));
    this.y = Math.min(this.height - seen, Math.max(seen - this.bars.size.height * this.scale, this.y));
  }

  reveal(bar) {
    const left = this.x + bar.x * this.scale;
    const top = this.y + bar.y * this.scale;
    const right = left + bar.width * this.scale;
    const bottom = top + bar.height * this.scale;
    const dx = left < EDGE_PX ? EDGE_PX - left : Math.min(0, this.width - EDGE_PX - right);
    const dy = top < EDGE_PX ? EDGE_PX - top : Math.min(0, this.height - EDGE_PX - bottom);
    if (dx || dy) this.pan(dx, dy);
  }

  /** A pointer's place in CSS pixels of the sheet, and in pixels of the picture. */
  place(event) {
    const box = this.sheet.getBoundingClientRect();
    const sheetX = event.clientX - box.left;
    const sheetY = event.clientY - box.top;
    return { sheetX, sheetY, x: (sheetX - this.x) / this.scale, y: (sheetY - this.y) / this.scale };
  }

  onSheet(bar) {
    return { left: this.x + bar.x * this.scale, top: this.y + bar.y * this.scale, width: bar.width * this.scale, height: bar.height * this.scale };
  }

  /** The eight handles of a bar with their places on the sheet. */
  handles(bar) {
    const box = this.onSheet(bar);
    const width = Math.max(box.width, 2 * LEAST_APART_PX);
    const height = Math.max(box.height, 2 * LEAST_APART_PX);
    const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    return HANDLES.map(([u, v]) => ({ u, v, x: middle.x + (u - 0.5) * width, y: middle.y + (v - 0.5) * height }));
  }

  draw(now = false) {
    if (now) this.paint();
    else if (!this.waits) {
      this.waits = true;
      requestAnimationFrame(() => { this.waits = false; this.paint(); });
    }
  }

  paint() {
    const { context, sheet, scale } = this;
    const density = sheet.width / Math.max(1, this.width);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, sheet.width, sheet.height);
    context.setTransform(density * scale, 0, 0, density * scale, density * this.x, density * this.y);
    context.imageSmoothingEnabled = density * scale < 3;
    context.imageSmoothingQuality = "high";
    context.drawImage(this.image, 0, 0);
    if (!this.isPeeking) paintBars(context, this.bars.bars, this.bars.fill, this.look);
    context.setTransform(density, 0, 0, density, 0, 0);
    for (const bar of this.bars.bars) {
      if (!bar.on || this.isPeeking) this.outline(bar);
    }
    if (this.bars.current) this.frame(this.bars.current);
  }

  /** A bar that hides nothing: its place, dashed in light and dark so that it shows on anything. */
  outline(bar) {
    const { left, top, width, height } = this.onSheet(bar);
    this.stroke("#fff", 3, [], left, top, width, height);
    this.stroke("#1d5fc4", 1.5, [5, 4], left, top, width, height);
  }

  frame(bar) {
    const { left, top, width, height } = this.onSheet(bar);
    this.stroke("#fff", 4, [], left - 1, top - 1, width + 2, height + 2);
    this.stroke("#1d5fc4", 2, [], left - 1, top - 1, width + 2, height + 2);
    this.context.setLineDash([]);
    for (const { x, y } of this.handles(bar)) {
      this.context.beginPath();
      this.context.arc(x, y, HANDLE_RADIUS_PX, 0, 7);
      this.context.fillStyle = "#fff";
      this.context.fill();
      this.context.lineWidth = 2;
      this.context.strokeStyle = "#1d5fc4";
      this.context.stroke();
    }
  }

  stroke(colour, lineWidth, dash, ...box) {
    this.context.setLineDash(dash);
    this.context.lineWidth = lineWidth;
    this.context.strokeStyle = colour;
    this.context.strokeRect(...box);
  }
}
