// Sending one file to the page of documents, with its progress.

/** Why a file was not taken; the message is shown as it is. `seconds`: when it may come again. */
export class Refused extends Error {
  constructor(message, seconds = Infinity) {
    super(message);
    this.seconds = seconds;
  }
}

/**
 * Send a file; `fields` are the form's other values, `onProgress` is told the share that was sent.
 * Returns {sent, abort}: a promise of {links_url, progress_url, delete_url}, and a function that stops.
 */
export function upload(address, file, fields, onProgress) {
  const request = new XMLHttpRequest();
  const sent = new Promise((resolve, reject) => {
    request.open("POST", address);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      const answer = read(request.responseText);
      if (request.status === 201 && answer) resolve(answer);
      else reject(new Refused(sentenceOf(request.status, answer), pauseOf(request)));
    });
    request.addEventListener("error", () => reject(new Refused("The server did not answer, so the file was not sent. Try again.")));
    request.addEventListener("abort", () => reject(new Refused("")));
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", file, file.name);
    request.send(form);
  });
  return { sent, abort: () => request.abort() };
}

/** How long to wait where something came too often; else there is no use in waiting. */
function pauseOf(request) {
  return request.status === 429 ? Number(request.getResponseHeader("Retry-After")) || Infinity : Infinity;
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function sentenceOf(status, answer) {
  if (answer?.error) return answer.error;
  if (status === 413) return "This file is larger than this server takes, so it was not sent.";
  if (status === 403) return "This page is too old to send files. Reload it and send them again.";
  return "The file was not taken. Nothing of it was stored; try again in a minute.";
}
