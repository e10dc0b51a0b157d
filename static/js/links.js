// The page between sending and the two links: polling that survives a silent server, focus, QR codes.
import { toast } from "./toast.js";

const RETRY_MS = [1000, 2000, 4000, 8000, 15_000];
let failures = 0;

const links = () => document.getElementById("links");

try {
  if (!("document" in links().dataset)) sessionStorage.removeItem("compose-draft"); // it has arrived
} catch {
  // No storage, no draft.
}

document.addEventListener("htmx:afterSettle", () => {
  const section = links();
  if (!section) return;
  failures = 0;
  document.title = section.dataset.title + document.title.slice(document.title.lastIndexOf(" · "));
  if (section.dataset.stage === "done" || section.dataset.stage === "failed") section.querySelector("h1").focus();
});

// The answer did not come: the element keeps its trigger "retry", so that polling goes on.
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const section = links();
    if (!section || event.target !== section) return;
    if (event.detail.xhr?.status === 404) {
      location.reload();
      return;
    }
    const wait = RETRY_MS[Math.min(failures, RETRY_MS.length - 1)];
    failures += 1;
    section.querySelector("[data-wait-note]").textContent = "The server does not answer just now. What you sent is kept; this page goes on asking.";
    setTimeout(() => window.htmx.trigger(links(), "retry"), wait);
  });
}

document.addEventListener("click", (event) => {
  const code = event.target.closest("[data-qr]");
  const open = document.querySelector(".qr.big");
  if (open) open.classList.remove("big");
  if (code && code !== open) code.classList.add("big");
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.querySelector(".qr.big")?.classList.remove("big");
});

// Leaving without the private link would lose the original: say so once.
let copied = false;
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-copy='#private-url'], .private a")) copied = true;
  const away = event.target.closest("a[href]");
  if (!away || copied || !document.getElementById("private-url") || away.closest("#links .acts")) return;
  event.preventDefault();
  copied = true;
  toast("You have not copied the private link. It is shown only here.", { action: { label: "Leave anyway", run: () => { location.href = away.href; } }, stay: true });
});
document.addEventListener("copy", () => {
  if (document.activeElement?.id === "private-url") copied = true;
});
