// Mouse, pen and fingers on the canvas: select, move, pull a handle, draw, pan, pinch.

const NEAR_PX = { mouse: 9, pen: 14, touch: 22 };
const TAP_PX = 4;
const CURSORS = { "0,0": "nwse", "1,1": "nwse", "1,0": "nesw", "0,1": "nesw", "0.5,0": "ns", "0.5,1": "ns", "0,0.5": "ew", "1,0.5": "ew" };

/** `desk` is {view, bars, tool(), label(), done()}; `done` is called when a gesture has changed bars. */
export function takePointers(desk) {
  const { view, bars } = desk;
  const sheet = view.sheet;
  const fingers = new Map();
  let gesture = null;

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button > 1) return;
    event.preventDefault();
    sheet.focus({ preventScroll: true });
    sheet.setPointerCapture(event.pointerId);
    const at = view.place(event);
    fingers.set(event.pointerId, at);
    if (fingers.size === 2) {
      if (gesture?.changes) bars.abandon();
      gesture = { kind: "pinch", ...spread(fingers) };
    } else if (fingers.size === 1) gesture = begin(event, at);
  });

  sheet.addEventListener("pointermove", (event) => {
    const at = view.place(event);
    if (!fingers.has(event.pointerId)) return hover(at, event.pointerType);
    fingers.set(event.pointerId, at);
    if (gesture?.kind === "pinch") return pinch();
    if (gesture && fingers.size === 1) go(at);
    return undefined;
  });

  for (const name of ["pointerup", "pointercancel"]) {
    sheet.addEventListener(name, (event) => {
      if (!fingers.delete(event.pointerId)) return;
      const ended = gesture;
      if (ended?.kind === "pinch" && fingers.size) return;
      gesture = null;
      if (!ended?.changes) {
        if (ended?.kind === "pan" && !ended.moved && name === "pointerup" && ended.picks) bars.select(null);
        return;
      }
      if (name === "pointercancel") bars.abandon();
      else bars.release();
      desk.done();
    });
  }

  sheet.addEventListener("dblclick", () => {
    if (desk.tool() === "select" && bars.current) {
      bars.toggle([bars.current]);
      desk.done();
    }
  });

  sheet.addEventListener("wheel", (event) => {
    event.preventDefault();
    const at = view.place(event);
    const step = event.deltaMode ? 20 : 1;
    if (event.ctrlKey || event.metaKey) view.zoom(Math.exp(-event.deltaY * step * 0.0022), at.sheetX, at.sheetY);
    else if (event.shiftKey) view.pan(-event.deltaY * step, 0);
    else view.pan(-event.deltaX * step, -event.deltaY * step);
  }, { passive: false });

  function begin(event, at) {
    const tool = event.button === 1 ? "hand" : desk.tool();
    if (tool === "hand") return { kind: "pan", last: at };
    if (tool === "draw") return { kind: "draw", from: at, changes: false };
    const handle = bars.current && handleAt(bars.current, at, event.pointerType);
    if (handle) return pull(handle, at);
    const bar = barAt(at);
    if (!bar) return { kind: "pan", last: at, from: at, picks: true };
    bars.select(bar.id);
    return { kind: "move", from: at, was: bar, changes: false };
  }

  function pull(handle, at) {
    return { kind: "pull", ...handle, from: at, was: bars.current, changes: false };
  }

  function start() {
    if (gesture.changes) return;
    gesture.changes = true;
    bars.hold();
  }

  function go(at) {
    if (gesture.kind === "pan") {
      if (gesture.from && !gesture.moved && Math.hypot(at.sheetX - gesture.from.sheetX, at.sheetY - gesture.from.sheetY) < TAP_PX) return;
      gesture.moved = true;
      view.pan(at.sheetX - gesture.last.sheetX, at.sheetY - gesture.last.sheetY);
      gesture.last = at;
    } else if (gesture.kind === "move") {
      if (!gesture.changes && Math.hypot(at.sheetX - gesture.from.sheetX, at.sheetY - gesture.from.sheetY) < TAP_PX) return;
      start();
      bars.update("", [gesture.was.id], { x: gesture.was.x + at.x - gesture.from.x, y: gesture.was.y + at.y - gesture.from.y });
    } else if (gesture.kind === "pull") {
      start();
      bars.update("", [gesture.was.id], pulled(gesture.was, gesture, at));
    } else if (gesture.kind === "draw") draw(at);
  }

  function draw(at) {
    const { from } = gesture;
    if (!gesture.changes && Math.hypot(at.sheetX - from.sheetX, at.sheetY - from.sheetY) < TAP_PX) return;
    const inside = (value, most) => Math.min(Math.max(0, value), most);
    const x0 = inside(Math.min(from.x, at.x), bars.size.width - 2);
    const y0 = inside(Math.min(from.y, at.y), bars.size.height - 2);
    const x1 = inside(Math.max(from.x, at.x), bars.size.width);
    const y1 = inside(Math.max(from.y, at.y), bars.size.height);
    const place = { x: x0, y: y0, width: x1 - x0, height: y1 - y0 };
    if (gesture.changes) bars.update("", [gesture.id], place);
    else {
      start();
      gesture.id = bars.add(place, desk.label()).id;
    }
  }

  /** Where a bar lies once a handle was pulled: its sides follow the pointer by the same way. */
  function pulled(was, { u, v, from }, at) {
    const dx = Math.round(at.x - from.x);
    const dy = Math.round(at.y - from.y);
    const across = (value) => Math.min(Math.max(0, value), bars.size.width);
    const down = (value) => Math.min(Math.max(0, value), bars.size.height);
    const left = across(was.x + (u === 0 ? dx : 0));
    const right = across(was.x + was.width + (u === 1 ? dx : 0));
    const top = down(was.y + (v === 0 ? dy : 0));
    const bottom = down(was.y + was.height + (v === 1 ? dy : 0));
    return { x: Math.min(left, right), y: Math.min(top, bottom), width: Math.abs(right - left), height: Math.abs(bottom - top) };
  }

  function pinch() {
    const now = spread(fingers);
    view.pan(now.x - gesture.x, now.y - gesture.y);
    view.zoom(now.apart / gesture.apart, now.x, now.y);
    Object.assign(gesture, now);
  }

  /** The handle under a pointer. Inside the bar only its rim counts, so that a small bar can be moved. */
  function handleAt(bar, at, pointer) {
    const box = view.onSheet(bar);
    const isInside = at.sheetX > box.left && at.sheetX < box.left + box.width && at.sheetY > box.top && at.sheetY < box.top + box.height;
    const near = NEAR_PX[pointer] || NEAR_PX.mouse;
    const reach = isInside ? Math.min(near, 0.3 * Math.min(box.width, 4 * box.height)) : near;
    if (isInside && at.sheetX > box.left + near && at.sheetX < box.left + box.width - near && box.height < 3 * near) return null;
    const found = view.handles(bar).map((handle) => ({ ...handle, away: Math.hypot(handle.x - at.sheetX, handle.y - at.sheetY) }));
    const nearest = found.sort((one, other) => one.away - other.away)[0];
    return nearest.away <= reach ? nearest : null;
  }

  function barAt(at) {
    const holds = (bar) => at.x >= bar.x && at.x < bar.x + bar.width && at.y >= bar.y && at.y < bar.y + bar.height;
    return bars.bars.findLast((bar) => bar.id === bars.selected && holds(bar)) || bars.bars.findLast(holds) || null;
  }

  function hover(at, pointer) {
    const tool = desk.tool();
    const handle = tool === "select" && bars.current && handleAt(bars.current, at, pointer);
    const cursors = { hand: "grab", draw: "crosshair" };
    sheet.style.cursor = handle ? `${CURSORS[`${handle.u},${handle.v}`]}-resize` : cursors[tool] || (barAt(at) ? "move" : "default");
  }
}

function spread(fingers) {
  const [one, other] = [...fingers.values()];
  return { x: (one.sheetX + other.sheetX) / 2, y: (one.sheetY + other.sheetY) / 2, apart: Math.max(8, Math.hypot(one.sheetX - other.sheetX, one.sheetY - other.sheetY)) };
}
