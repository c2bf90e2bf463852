/**
 * Unpacks a frame: the bytes that Python sends (see docs/frame.md) become a header and typed arrays.
 *
 * The arrays are views into one aligned copy of the bytes, so unpacking costs one memcpy and one JSON.parse.
 */

const TYPES = { u8: Uint8Array, u16: Uint16Array, f32: Float32Array, f64: Float64Array };
const decoder = new TextDecoder();

/**
 * @param {Uint8Array} bytes a frame; it may sit unaligned inside a larger buffer
 * @returns {{header: any, arrays: Object<string, Uint8Array|Uint16Array|Float32Array|Float64Array>}}
 */
export function unpack(bytes) {
  const buffer = new Uint8Array(bytes).buffer; // a copy: aligned, and not kept alive by the message it came in
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(decoder.decode(new Uint8Array(buffer, 4, length)));
  /** @type {Object<string, Uint8Array|Uint16Array|Float32Array|Float64Array>} */
  const arrays = {};
  for (const [name, [dtype, shape, offset]] of Object.entries(header.arrays)) {
    const count = shape.reduce((product, n) => product * n, 1);
    arrays[name] = new TYPES[dtype](buffer, offset, count);
  }
  return { header, arrays };
}

/** The units of a column that are shown, as their own indices. */
export function shownUnits(column) {
  return column.shown ?? Array.from({ length: column.units }, (_, i) => i);
}

/** A short checksum (FNV-1a) of an array's bytes: tells whether something that is cached has to be painted anew. */
export function checksum(array) {
  if (!array) return 0;
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  let hash = 2166136261;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 16777619);
  return hash >>> 0;
}
