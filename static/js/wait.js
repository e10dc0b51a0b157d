// A shared page whose scan has not ended: look again every three seconds, reload once it is there.
const AGAIN_MS = 3000;

async function look() {
  try {
    const answer = await fetch(location.pathname, { credentials: "same-origin", cache: "no-cache" });
    if (answer.status === 404 || (answer.ok && !(await answer.text()).includes("data-scanning"))) {
      location.reload();
      return;
    }
  } catch {
    // The server is silent: ask again.
  }
  setTimeout(look, AGAIN_MS);
}

setTimeout(look, AGAIN_MS);
