// On every page: copy buttons, dates, dialogs, menus.
import "./copy.js";
import "./dialogs.js";
import "./menus.js";
import { tellDates } from "./dates.js";

tellDates();
document.addEventListener("htmx:afterSettle", () => tellDates());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) tellDates();
});
