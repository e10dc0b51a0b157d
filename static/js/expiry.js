// The choice of when something ends: a field for a time of one's own appears when it is chosen.

const expires = document.getElementById("expires");
export const expiresAt = document.getElementById("expires_at");
const set = document.getElementById("expires-at-set");

function showCustom() {
  const custom = expires.value === "custom";
  set.hidden = !custom;
  expiresAt.disabled = !custom;
  expiresAt.required = custom;
  if (custom) {
    expiresAt.min = local(new Date(Date.now() + 60_000));
    if (!expiresAt.value) expiresAt.value = local(new Date(Date.now() + 3 * 86_400_000));
  }
}

/** A date as datetime-local wants it, in the reader's own time zone. */
function local(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** False where a time of one's own was chosen that has passed. */
export const isExpiryGood = () => expiresAt.disabled || new Date(expiresAt.value) > new Date();

/** The chosen time in UTC, "" where none is asked for. */
export const expiryAsUtc = () => (expiresAt.disabled || !expiresAt.value ? "" : new Date(expiresAt.value).toISOString());

if (expiresAt.dataset.utc) {
  const kept = new Date(expiresAt.dataset.utc);
  if (!Number.isNaN(kept.getTime())) expiresAt.value = local(kept);
}
expires.addEventListener("change", showCustom);
showCustom();
