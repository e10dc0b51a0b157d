// Dates relative to now, the exact one on hover; a countdown when the end is near.
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const clock = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });
const weekday = new Intl.DateTimeFormat("en", { weekday: "long" });
const shortDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const longDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });
const exact = new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeStyle: "short" });

/** "just now", "12 min ago", "3 h ago", "yesterday", "Tuesday", "9 Nov", "9 November 2025". */
export function ago(then, now) {
  const passed = now - then;
  if (passed < MINUTE) return "just now";
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min ago`;
  const days = dayNumber(now) - dayNumber(then);
  if (days === 0) return `${Math.floor(passed / HOUR)} h ago`;
  if (days === 1) return "yesterday";
  if (days < 7) return weekday.format(then);
  return then.getFullYear() === now.getFullYear() ? shortDay.format(then) : longDay.format(then);
}

/** "6 d left", "22 h left", "14 min left", "0:42 left" in the last minutes, "expired". */
export function left(then, now) {
  const rest = then - now;
  if (rest <= 0) return "expired";
  if (rest < 10 * MINUTE) return `${Math.floor(rest / MINUTE)}:${String(Math.floor(rest / 1000) % 60).padStart(2, "0")} left`;
  if (rest < 2 * HOUR) return `${Math.round(rest / MINUTE)} min left`;
  if (rest < 2 * DAY) return `${Math.round(rest / HOUR)} h left`;
  if (rest < 60 * DAY) return `${Math.round(rest / DAY)} d left`;
  return `until ${longDay.format(then)}`;
}

/** "in 7 days", "today at 14:05", "on 9 November 2026". */
export function soon(then, now) {
  const rest = then - now;
  if (rest <= 0) return "now";
  if (rest < 2 * HOUR) return `in ${Math.max(1, Math.round(rest / MINUTE))} min`;
  if (rest < 2 * DAY) return `in ${Math.round(rest / HOUR)} hours, at ${clock.format(then)}`;
  if (rest < 60 * DAY) return `in ${Math.round(rest / DAY)} days`;
  return `on ${longDay.format(then)}`;
}

function dayNumber(date) {
  return Math.round(new Date(date.getFullYear(), date.getMonth(), date.getDate()) / DAY);
}

const say = { ago, left, in: soon };
let timer = 0;

/** Put words into every <time data-when> of `root`, and come back when the next one changes. */
export function tellDates(root = document) {
  const now = new Date();
  let next = MINUTE;
  for (const element of root.querySelectorAll("time[data-when]")) {
    const then = new Date(element.dateTime);
    if (Number.isNaN(then.getTime())) continue;
    const words = say[element.dataset.when](then, now);
    if (element.textContent !== words) element.textContent = words;
    if (!element.title) element.title = exact.format(then);
    if (element.dataset.when === "left" && then > now && then - now < 11 * MINUTE) next = 1000;
  }
  clearTimeout(timer);
  timer = setTimeout(tellDates, next);
}
