// The bars of a picture and how they change: no DOM here. Places are whole pixels of the picture.

const MOST_STEPS = 300;
const LEAST_PX = 2;

/** Holds bars, selection and history; calls `onChange(kind)` with "bars", "selection" or "both". */
export class Bars {
  constructor(state, onChange) {
    this.size = { width: state.width, height: state.height };
    this.fill = state.fill;
    this.bars = state.bars.map((bar) => ({ ...bar }));
    this.selected = null;
    this.undoable = [];
    this.redoable = [];
    this.held = null;
    this.lastStep = { name: "", at: 0 };
    this.onChange = onChange;
  }

  get(id) {
    return this.bars.find((bar) => bar.id === id) || null;
  }

  get current() {
    return this.get(this.selected);
  }

  select(id) {
    if (this.selected === id) return;
    this.selected = id;
    this.onChange("selection");
  }

  /** Select the next or previous bar in reading order. */
  step(by) {
    const order = [...this.bars].sort((one, other) => one.y - other.y || one.x - other.x);
    if (!order.length) return;
    const at = order.findIndex((bar) => bar.id === this.selected);
    this.select(order[(at + by + (at < 0 && by < 0 ? 1 : 0) + order.length) % order.length].id);
  }

  // ---- Changes. Those of one drag, and quick ones of the same name, are one step of undo.

  /** Begin a drag: what follows until `release` is one step. */
  hold() {
    this.held = this.snapshot();
  }

  release() {
    const before = this.held;
    this.held = null;
    if (before && before.bars !== this.bars) this.remember(before, "");
  }

  /** Take back what was done since `hold`. */
  abandon() {
    const before = this.held;
    this.held = null;
    if (before) this.restore(before);
  }

  change(name, bars, { fill = this.fill, selected = this.selected } = {}) {
    const before = this.snapshot();
    this.bars = bars;
    this.fill = fill;
    this.selected = selected;
    if (!this.held) this.remember(before, name);
    this.onChange("both");
  }

  update(name, ids, fields) {
    const wanted = new Set(ids);
    this.change(name, this.bars.map((bar) => (wanted.has(bar.id) ? this.fitted({ ...bar, ...(typeof fields === "function" ? fields(bar) : fields) }) : bar)));
  }

  add(place, label) {
    const bar = this.fitted({ ...place, id: this.freshId(), label, on: true, text: "", start: 0, end: 0, score: 1, detector: "person", reason: "Drawn by hand.", subtype: "" });
    this.change("", [...this.bars, bar], { selected: bar.id });
    return bar;
  }

  duplicate(id) {
    const from = this.get(id);
    if (from) this.add({ x: from.x + 12, y: from.y + 12, width: from.width, height: from.height }, from.label);
  }

  remove(id) {
    const order = this.bars.findIndex((bar) => bar.id === id);
    if (order < 0) return;
    this.change("", this.bars.filter((bar) => bar.id !== id), { selected: null });
  }

  move(id, dx, dy) {
    this.update("move", [id], (bar) => ({ x: bar.x + dx, y: bar.y + dy }));
  }

  grow(id, dx, dy) {
    this.update("grow", [id], (bar) => ({ width: Math.max(LEAST_PX, bar.width + dx), height: Math.max(LEAST_PX, bar.height + dy) }));
  }

  /** Switch bars all on, or all off where all are on. */
  toggle(bars) {
    const on = !bars.every((bar) => bar.on);
    this.update("", bars.map((bar) => bar.id), { on });
    return on;
  }

  of(label) {
    return this.bars.filter((bar) => bar.label === label);
  }

  undo() {
    return this.walk(this.undoable, this.redoable);
  }

  redo() {
    return this.walk(this.redoable, this.undoable);
  }

  // ---- Parts

  walk(from, to) {
    const step = from.pop();
    if (!step) return false;
    to.push(this.snapshot());
    this.lastStep = { name: "", at: 0 };
    this.restore(step);
    return true;
  }

  snapshot() {
    return { bars: this.bars, fill: this.fill, selected: this.selected };
  }

  restore(step) {
    this.bars = step.bars;
    this.fill = step.fill;
    this.selected = this.get(this.selected) ? this.selected : step.selected;
    this.onChange("both");
  }

  remember(before, name) {
    const now = Date.now();
    const goesOn = name && this.lastStep.name === `${name} ${before.selected}` && now - this.lastStep.at < 800;
    this.lastStep = { name: `${name} ${before.selected}`, at: now };
    if (!goesOn) this.undoable.push(before);
    if (this.undoable.length > MOST_STEPS) this.undoable.shift();
    this.redoable = [];
  }

  /** Whole pixels, inside the picture. */
  fitted(bar) {
    const width = Math.min(Math.max(LEAST_PX, Math.round(bar.width)), this.size.width);
    const height = Math.min(Math.max(LEAST_PX, Math.round(bar.height)), this.size.height);
    const x = Math.min(Math.max(0, Math.round(bar.x)), this.size.width - width);
    const y = Math.min(Math.max(0, Math.round(bar.y)), this.size.height - height);
    return { ...bar, x, y, width, height };
  }

  freshId() {
    const random = crypto.getRandomValues(new Uint32Array(2));
    return `d-${random[0].toString(36)}${random[1].toString(36)}`.slice(0, 24);
  }
}
