// Proof of work for posts without an account, on servers that ask for it: see proof-worker.js.

const TOO_LONG = "The proof of work that this server asks for could not be made. Nothing was sent; try again.";

/** Say whether a form has to carry a proof. */
export const needsProof = (form) => Boolean(form.dataset.proof);

/** Make a proof for one post; "" where none is asked for. Rejects with a sentence for people. */
export async function prove(form) {
  if (!needsProof(form)) return "";
  const answer = await fetch(form.dataset.proof, { credentials: "same-origin" }).catch(() => null);
  if (!answer?.ok) throw new Error(TOO_LONG);
  const { challenge, bits } = await answer.json();
  return challenge ? work(form.dataset.proofWorker, challenge, bits) : "";
}

function work(address, challenge, bits) {
  const worker = new Worker(address);
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", (event) => resolve(event.data));
    worker.addEventListener("error", () => reject(new Error(TOO_LONG)));
    worker.postMessage({ challenge, bits });
  }).finally(() => worker.terminate());
}
