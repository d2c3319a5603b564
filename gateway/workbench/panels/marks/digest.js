// SHA-256 of an image. The browser has it in secure pages only, and offices reach this one over their own network.

const CONSTANTS = constants();

/** Return the SHA-256 of a file in hex. */
export async function sha256(file) {
  const data = await file.arrayBuffer();
  const digest = crypto.subtle
    ? new Uint8Array(await crypto.subtle.digest("SHA-256", data))
    : digestOf(new Uint8Array(data));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Compute SHA-256 as FIPS 180-4 has it. */
export function digestOf(data) {
  const state = Uint32Array.of(
    0x6a09e667,
    0xbb67ae85,
    0x3c6ef372,
    0xa54ff53a,
    0x510e527f,
    0x9b05688c,
    0x1f83d9ab,
    0x5be0cd19,
  );
  const whole = data.length - (data.length % 64);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const schedule = new Uint32Array(64);
  for (let at = 0; at < whole; at += 64) compress(state, view, at, schedule);
  const rest = ending(data, whole);
  for (let at = 0; at < rest.byteLength; at += 64) compress(state, rest, at, schedule);
  const written = new DataView(new ArrayBuffer(32));
  state.forEach((word, place) => written.setUint32(place * 4, word));
  return new Uint8Array(written.buffer);
}

function ending(data, whole) {
  const left = data.length - whole;
  const padded = new Uint8Array(left + 9 > 64 ? 128 : 64);
  padded.set(data.subarray(whole));
  padded[left] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor(data.length / 0x20000000));
  view.setUint32(padded.length - 4, (data.length << 3) >>> 0);
  return view;
}

function compress(state, view, at, w) {
  for (let each = 0; each < 16; each += 1) w[each] = view.getUint32(at + each * 4);
  for (let each = 16; each < 64; each += 1) {
    const [early, late] = [w[each - 15], w[each - 2]];
    const first = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
    const second = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
    w[each] = w[each - 16] + first + w[each - 7] + second;
  }
  let [a, b, c, d, e, f, g, last] = state;
  for (let each = 0; each < 64; each += 1) {
    const one =
      (last + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + CONSTANTS[each] + w[each]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [last, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, last].forEach((word, place) => (state[place] += word));
}

function turn(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}

// The first bits behind the point of the cube roots of the first 64 primes.
function constants() {
  const primes = [];
  for (let each = 2; primes.length < 64; each += 1) if (primes.every((prime) => each % prime)) primes.push(each);
  return Uint32Array.from(primes, (prime) => Math.floor((Math.cbrt(prime) % 1) * 2 ** 32));
}
