// The list of bars beside the picture: the same bars and steps, in words, for eyes and screen readers.

/** `desk` is {bars, look, done(), say(sentence)}. Returns a function that shows the bars as they are now. */
export function barList(desk) {
  const { bars, look } = desk;
  const place = document.getElementById("bar-list");
  const count = document.getElementById("bar-count");
  const all = document.getElementById("all-bars");
  const inspector = document.getElementById("inspector");
  const numbers = [...inspector.querySelectorAll("input[type=number]")];
  const category = inspector.querySelector("select");
  let shown = "";
  let sought = null;

  place.addEventListener("change", (event) => {
    const box = event.target;
    if (box.dataset.category) bars.update("", bars.of(box.dataset.category).map((bar) => bar.id), { on: box.checked });
    else if (box.dataset.bar) bars.update("", [box.dataset.bar], { on: box.checked });
    desk.done();
  });
  place.addEventListener("click", (event) => {
    const row = event.target.closest("button[data-bar]");
    if (row) bars.select(row.dataset.bar);
  });
  all.addEventListener("change", () => {
    bars.update("", bars.bars.map((bar) => bar.id), { on: all.checked });
    desk.done();
  });
  for (const input of numbers) {
    input.addEventListener("change", () => {
      if (!bars.current || input.value === "") return;
      bars.update("place", [bars.selected], { [input.name]: Number(input.value) });
      desk.done();
    });
  }
  category.addEventListener("change", () => {
    if (!bars.current) return;
    bars.update("", [bars.selected], { label: category.value });
    desk.done();
  });

  return function show() {
    const labels = [...Object.keys(look.categories), ...bars.bars.map((bar) => bar.label)].filter((label, at, list) => list.indexOf(label) === at && bars.of(label).length);
    const on = bars.bars.filter((bar) => bar.on).length;
    count.textContent = bars.bars.length ? `${on} of ${bars.bars.length} on` : "none";
    mark(all, bars.bars);
    // Rebuilt only where bars came, went or were renamed, so that the focus stays.
    const key = JSON.stringify([labels, bars.bars.map((bar) => [bar.id, bar.label])]);
    if (key !== shown) build(labels);
    shown = key;
    for (const box of place.querySelectorAll("input[data-category]")) mark(box, bars.of(box.dataset.category));
    for (const bar of bars.bars) {
      const row = place.querySelector(`li[data-id="${bar.id}"]`);
      row.querySelector("input").checked = bar.on;
      row.classList.toggle("off", !bar.on);
      const button = row.querySelector("button");
      if (bar.id === bars.selected) {
        button.setAttribute("aria-current", "true");
        if (bar.id !== sought) keepInSight(row);
      }
      else button.removeAttribute("aria-current");
    }
    sought = bars.selected;
    inspect();
  };

  /** Scroll the list, and nothing but the list. */
  function keepInSight(row) {
    const above = row.offsetTop - place.scrollTop;
    const below = row.offsetTop + row.offsetHeight - place.scrollTop - place.clientHeight;
    if (above < 0) place.scrollTop += above;
    else if (below > 0) place.scrollTop += below;
  }

  function build(labels) {
    place.replaceChildren(...labels.map((label) => {
      const group = clone("bar-group");
      const name = look.categories[label]?.name || label;
      group.classList.add(label);
      group.querySelector("[data-name]").textContent = name;
      group.querySelector("[data-count]").textContent = String(bars.of(label).length);
      group.querySelector("input").dataset.category = label;
      const order = bars.of(label).sort((one, other) => one.y - other.y || one.x - other.x);
      group.querySelector("ul").append(...order.map((bar, at) => row(bar, name, at)));
      return group;
    }));
  }

  function row(bar, name, at) {
    const made = clone("bar-row");
    made.dataset.id = bar.id;
    const words = bar.text || (bar.detector === "person" ? "Drawn by hand" : `${name} ${at + 1}`);
    made.querySelector("[data-words]").textContent = words;
    made.querySelector("[data-why]").textContent = bar.detector === "model" ? bar.score.toFixed(2) : bar.detector === "person" ? "" : bar.detector;
    const box = made.querySelector("input");
    box.dataset.bar = bar.id;
    box.setAttribute("aria-label", `Hide ${words}`);
    made.querySelector("button").dataset.bar = bar.id;
    made.querySelector("button").title = bar.reason;
    return made;
  }

  function mark(box, held) {
    box.checked = held.length > 0 && held.every((bar) => bar.on);
    box.indeterminate = !box.checked && held.some((bar) => bar.on);
  }

  function inspect() {
    const bar = bars.current;
    inspector.hidden = !bar;
    if (!bar) return;
    for (const input of numbers) {
      if (input !== document.activeElement || Number(input.value) !== bar[input.name]) input.value = String(bar[input.name]);
    }
    if (category.value !== bar.label) category.value = bar.label;
  }
}

function clone(id) {
  return document.getElementById(id).content.cloneNode(true).firstElementChild;
}
