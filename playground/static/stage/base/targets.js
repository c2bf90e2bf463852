/**
 * What the pointer needs on every stage: where it is, what lies under it, and the hint beside it.
 */

/** Where an event happened, in CSS pixels from the canvas's upper left corner. */
export function pointIn(canvas, event) {
  const box = canvas.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

/** The target under a point: of several the one that was painted last. */
export const targetUnder = (targets, px, py) => targets.findLast(({ x, y, width, height }) => px >= x && px <= x + width && py >= y && py <= y + height);

/** Shows words beside a point, on the side where there is room; "" hides them. */
export function showTip({ root, canvas, tip }, words, x, y) {
  tip.hidden = !words;
  if (!words) return;
  if (tip.textContent !== words) tip.textContent = words;
  const { offsetWidth: w, offsetHeight: h } = tip;
  const left = x + 14 + w > root.clientWidth ? x - w - 10 : x + 14;
  const top = y + 16 + h > canvas.clientHeight ? y - h - 8 : y + 16;
  tip.style.transform = `translate(${Math.max(0, Math.round(left))}px, ${Math.max(0, Math.round(top))}px)`;
}
