// Looks for the number that proves work: SHA-256 of "challenge:number" begins with `bits` zero bits.
// Written out, since browsers offer their own SHA-256 only where a page came over TLS.

const { roots: H, cubes: K } = constants();
const words = new Int32Array(64);

/** The constants of SHA-256: fractions of the square and cube roots of the first primes. */
function constants() {
  const fraction = (root) => ((root % 1) * 2 ** 32) | 0;
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
  return { roots: Int32Array.from(primes.slice(0, 8), (n) => fraction(Math.sqrt(n))), cubes: Int32Array.from(primes, (n) => fraction(Math.cbrt(n))) };
}

/** Take one block of 64 bytes, which `words` holds, into a state; returns `into`, the state after it. */
function compress(state, into) {
  for (let i = 16; i < 64; i += 1) {
    const x = words[i - 15];
    const y = words[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[i] = (words[i - 16] + s0 + words[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i += 1) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const one = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0;
    d = c; c = b; b = a; a = (one + two) | 0;
  }
  into[0] = state[0] + a; into[1] = state[1] + b; into[2] = state[2] + c; into[3] = state[3] + d;
  into[4] = state[4] + e; into[5] = state[5] + f; into[6] = state[6] + g; into[7] = state[7] + h;
  return into;
}

/** Fill `words` with a block's bytes. */
function load(bytes) {
  for (let i = 0; i < 16; i += 1) words[i] = (bytes[4 * i] << 24) | (bytes[4 * i + 1] << 16) | (bytes[4 * i + 2] << 8) | bytes[4 * i + 3];
}

function search(challenge, bits) {
  const begin = Uint8Array.from(`${challenge}:`, (sign) => sign.charCodeAt(0));
  let state = H;
  let done = 0;
  // What stands before the number is the same for each try, but for its last, broken block.
  for (; begin.length - done >= 64; done += 64) {
    load(begin.subarray(done));
    state = compress(state, new Int32Array(8));
  }
  const block = new Uint8Array(64);
  block.set(begin.subarray(done));
  const at = begin.length - done;
  const result = new Int32Array(8);
  for (let number = 0; ; number += 1) {
    const digits = String(number);
    if (at + digits.length > 55) throw new RangeError("The challenge is too long.");
    for (let i = 0; i < digits.length; i += 1) block[at + i] = digits.charCodeAt(i);
    block[at + digits.length] = 0x80;
    load(block);
    words[15] = (begin.length + digits.length) * 8;
    if (compress(state, result)[0] >>> (32 - bits) === 0) return number;
  }
}

self.addEventListener("message", (event) => {
  const { challenge, bits } = event.data;
  self.postMessage(`${challenge}:${search(challenge, bits)}`);
});
