// Reading a file as text in the browser, or saying plainly why not.

/** Why a file was not read in; the message is shown as it is. */
export class NotText extends Error {}

const KINDS = [
  [/^%PDF-/, "a PDF"],
  [/^PK\x03\x04/, "a Word, Excel or zip file"],
  [/^\x89PNG|^\xFF\xD8\xFF|^GIF8|^RIFF....WEBP|^BM/, "a picture"],
  [/^\xD0\xCF\x11\xE0/, "an Office file"],
  [/^\x1F\x8B|^BZh|^7z\xBC\xAF|^\xFD7zXZ|^\x28\xB5\x2F\xFD/, "a compressed file"],
];

const PICTURE = /^(?:\x89PNG|\xFF\xD8\xFF|GIF8|RIFF[^]{4}WEBP|II[*+]\0|MM\0[*+]|BM[^]{4}\0{4})/;

/** Where a file is read that is no text: "Documents" (a PDF, a packed Office file), "Images", or "". */
export async function toolFor(file) {
  const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  if (PICTURE.test(head)) return "Images";
  return head.startsWith("%PDF-") || (head.startsWith("PK\x03\x04") && /\.(?:docx|pptx|xlsx|odt)$/i.test(file.name)) ? "Documents" : "";
}

/** Return the text of `file`, line ends as \n. Raises NotText with a sentence for the reader. */
export async function decode(file, most) {
  const name = file.name.length > 48 ? `${file.name.slice(0, 30)}…${file.name.slice(-12)}` : file.name || "The file";
  if (file.size === 0) throw new NotText(`${name} is empty, so there is nothing to read in.`);
  if (file.size > most * 4) throw new NotText(`${name} is larger than this page takes (${most.toLocaleString("en")} characters), so it was not read in.`);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  const kind = KINDS.find(([pattern]) => pattern.test(head));
  if (kind) throw new NotText(`${name} is ${kind[1]}. Only text files are read here, so it was not read in. Copy its text and paste it.`);
  const text = decodeBytes(bytes);
  if (text === null) throw new NotText(`${name} is not a text file, so it was not read in.`);
  return text.replace(/\r\n?/g, "\n");
}

function decodeBytes(bytes) {
  const marked = { "254,255": "utf-16be", "255,254": "utf-16le" }[`${bytes[0]},${bytes[1]}`];
  if (marked) return new TextDecoder(marked).decode(bytes);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return hasControls(text) ? null : text;
  } catch {
    const text = new TextDecoder("windows-1252").decode(bytes);
    return hasControls(text) ? null : text;
  }
}

/** Binary data has NULs or many control characters; text has hardly any. */
function hasControls(text) {
  const sample = text.slice(0, 20_000);
  const found = sample.match(/[\x00-\x08\x0E-\x1A\x1C-\x1F]/g);
  return text.includes("\0") || (found !== null && found.length > sample.length / 200);
}
