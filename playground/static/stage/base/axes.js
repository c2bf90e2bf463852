/**
 * Axes: round limits, ticks, and numbers as text.
 */

/** A step of 1, 2, 2.5 or 5 times a power of ten that cuts `span` into about `count` parts. */
export function niceStep(span, count) {
  const raw = span / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  return /** @type {number} */ ([1, 2, 2.5, 5, 10].map((m) => m * power).find((step) => step >= raw * 0.999));
}

/** Ticks at round numbers within [low, high]; where the numbers themselves lie too close to have any between, its ends. */
export function linearTicks(low, high, count) {
  if (!(high > low)) return [low];
  const step = niceStep(high - low, count);
  if (step < 4 * spacing(Math.max(Math.abs(low), Math.abs(high)))) return [low, high];
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-6); i * step <= high + step * 1e-6; i++) ticks.push(i * step);
  return ticks;
}

/** The ticks of the colour bar beside a map of values. */
export const barTicks = ([low, high]) => linearTicks(low, high, 6);

/** Ticks at powers of ten within [low, high], at most about `count`; with 2 and 5 where there would be fewer than two. */
export function logTicks(low, high, count) {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first) / count));
  const ticks = [];
  for (let e = first; e <= last; e++) if ((e - first) % every === 0) ticks.push(10 ** e);
  if (ticks.length >= 2) return ticks;
  const finer = [];
  for (let e = first - 1; e <= last + 1; e++) for (const m of [1, 2, 5]) finer.push(m * 10 ** e);
  return finer.filter((v) => v >= low * 0.999 && v <= high * 1.001);
}

/** The next round number that is not below `value` (> 0): an axis that ends there moves rarely while data grow. */
export function niceLimit(value, steps = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10]) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * /** @type {number} */ (steps.find((m) => m * power >= value * 0.9999));
}

/** How far apart the numbers of this size are that a computer can tell from each other. */
const spacing = (size) => size * 2 ** -52;

/** The power of ten of the last digit that ticks of this step need, e.g. -1 for 2.5; `noise` is by how much it may be off. */
function lastPower(step, noise) {
  const first = Math.floor(Math.log10(step) + 1e-9);
  for (let more = 0; more < 3; more++) {
    const part = step / 10 ** (first - more);
    if (Math.abs(part - Math.round(part)) <= Math.max(1e-6 * part, noise / 10 ** (first - more))) return first - more;
  }
  return first - 3;
}

const minus = (text) => text.replace("-", "\u2212");
const SUPERSCRIPT = "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079";

/**
 * Ticks as text, all with the same number of digits, and as many as tell them apart: no two of an axis read the same.
 * Very large and very small ones share a power of ten; unless they need so many digits that whole numbers are shorter.
 */
export function tickLabels(ticks) {
  const gaps = ticks.slice(1).map((t, i) => Math.abs(t - ticks[i]));
  const step = (gaps.length ? Math.min(...gaps) : Math.abs(ticks[0])) || 1;
  const largest = Math.max(...ticks.map(Math.abs));
  const last = lastPower(step, 2 * spacing(largest));
  const first = largest ? Math.floor(Math.log10(largest) + 1e-9) : 0;
  const whole = last >= 0 && (first < 7 ? first - last >= 2 : first < 15 && first - last >= 4);
  if (whole || !largest || (largest >= 1e-4 && largest < 1e6)) return ticks.map((t) => plainLabel(t, Math.max(0, -last)));
  const after = Math.max(0, Math.min(20, first - last));
  return ticks.map((t) => (Math.abs(t) < step * 1e-6 ? "0" : power((t / 10 ** first).toFixed(after), first)));
}

const plainLabel = (value, after) => minus(withCommas(value.toFixed(Math.min(after, 100)).replace(/^-(0(?:\.0*)?)$/, "$1")));

const withCommas = (text) => text.replace(/^-?\d{5,}/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));

/** Ticks of a log axis: plain from .001 to 1000, else as a power of ten. */
export const logLabel = (v) => (v >= 0.000999 && v <= 1001 ? String(Number(v.toPrecision(2))) : powerOfTen(v));

function powerOfTen(value) {
  const exponent = Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  return power(String(Number((value / 10 ** exponent).toPrecision(2))), exponent);
}

/** A number of this front, times a power of ten, as text. */
function power(front, exponent) {
  const raised = String(Math.abs(exponent)).replace(/\d/g, (d) => SUPERSCRIPT[d]);
  return minus(`${front === "1" ? "" : front === "-1" ? "-" : front + "\u00b7"}10${exponent < 0 ? "\u207b" : ""}${raised}`);
}

/** A number for a read-out: `count` significant digits, a true minus sign. */
export function short(value, count = 3) {
  if (!Number.isFinite(value)) return "\u2013";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e5 || size < 1e-3)) return minus(value.toExponential(count - 1).replace("e", " e"));
  const after = size >= 1 ? Math.max(0, count - Math.floor(Math.log10(size)) - 1) : count;
  return minus(value.toFixed(after));
}

/** A score for a read-out: a share in percent, anything else as a number. */
export const printed = (value, percent) => (percent ? `${(100 * value).toFixed(1)} %` : short(value));

/** The index of what is nearest to `x` in a rising array. */
export function nearest(xs, x) {
  let k = 0;
  while (k < xs.length - 1 && Math.abs(xs[k + 1] - x) <= Math.abs(xs[k] - x)) k++;
  return k;
}
