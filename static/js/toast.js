// Short messages at the foot of the page, read politely by screen readers.

let timer = 0;

/** Show one sentence; `action` is {label, run}; `stay` keeps it until it is replaced or closed. */
export function toast(sentence, { action = null, stay = false } = {}) {
  const place = document.getElementById("toasts");
  clearTimeout(timer);
  const box = document.createElement("p");
  box.className = "toast";
  box.append(sentence);
  if (action) box.append(button(action.label, () => { clearToast(); action.run(); }));
  if (stay) box.append(button("Close", clearToast));
  place.replaceChildren(box);
  if (!stay) timer = setTimeout(clearToast, action ? 8000 : 3500);
}

export function clearToast() {
  document.getElementById("toasts").replaceChildren();
}

function button(label, run) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", run);
  return made;
}
