// Bars are saved shortly after each change; the clean picture follows on the server.

const WAIT_MS = 500;
const LOOK_MS = 1200;
const RETRY_MS = [2000, 5000, 15_000];

/** `address` takes bars; `onState` is told {saving, clean, error}. Returns {later, flush}. */
export function saver(address, bars, state, onState) {
  let revision = state.revision;
  let timer = 0;
  let lookTimer = 0;
  let isSending = false;
  let isWaiting = false;
  let isOver = false;
  let failures = 0;
  if (state.clean.state === "making") lookTimer = setTimeout(look, LOOK_MS);

  function later() {
    if (isOver) return;
    isWaiting = true;
    onState({ saving: "wait" });
    clearTimeout(timer);
    timer = setTimeout(send, WAIT_MS);
  }

  async function send() {
    if (isSending || isOver) return;
    clearTimeout(timer);
    clearTimeout(lookTimer);
    isSending = true;
    isWaiting = false;
    try {
      await take(await fetch(address, request()));
    } catch {
      retry("The server does not answer. Your bars stay here and are sent again.");
    } finally {
      isSending = false;
    }
    if (isWaiting && !failures) later();
  }

  function request() {
    const listed = bars.bars.map(({ id, x, y, width, height, label, on }) => ({ id, x, y, width, height, label, on }));
    const body = JSON.stringify({ revision, fill: bars.fill, bars: listed });
    // A page that is being left may send up to 64 kB.
    return { method: "POST", body, credentials: "same-origin", keepalive: body.length < 60_000, headers: { "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) } };
  }

  async function take(answer) {
    if (answer.ok) {
      const told = await answer.json();
      failures = 0;
      revision = told.revision;
      if (!isWaiting) onState({ saving: "saved", clean: told.clean });
      lookTimer = setTimeout(look, LOOK_MS);
    } else if (answer.status >= 500 || answer.status === 429) retry("The server could not save your bars. They are sent again.");
    else {
      isOver = true;
      const told = await answer.json().catch(() => ({}));
      onState({ saving: "failed", error: told.error || "This picture is gone, or its link is no longer open. Open the private link again." });
    }
  }

  function retry(error) {
    isWaiting = true;
    onState({ saving: "failed", error });
    timer = setTimeout(send, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]);
    failures += 1;
  }

  /** Ask how far the clean picture is, until it is there. */
  async function look() {
    if (isSending || isWaiting || isOver) return;
    const told = await fetch(address, { credentials: "same-origin", headers: { Accept: "application/json" } }).then((answer) => (answer.ok ? answer.json() : null), () => null);
    if (isSending || isWaiting) return;
    if (told && told.revision === revision) onState({ clean: told.clean });
    if (!told || told.clean.state === "making") lookTimer = setTimeout(look, told ? LOOK_MS : 5 * LOOK_MS);
  }

  return { later, flush: () => { if (isWaiting) send(); } };
}
