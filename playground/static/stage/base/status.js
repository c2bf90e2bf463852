/**
 * The status line, the banner and the text for screen readers: everything of the stage that is not on the canvas.
 *
 * Texts come from Python, ready formatted, and go into the page as text only.
 */

const ONE_LINE = 40; // px; a status line that is higher has wrapped

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Writes the readings into the status line; elements are made once and only texts that differ are touched. */
export function showReadings(line, header) {
  while (line.children.length > header.readings.length) line.lastChild.remove();
  header.readings.forEach((reading, i) => {
    if (!line.children[i]) {
      const item = element("span", "reading");
      item.append(element("span", "label"), " ", element("b", "value"));
      line.append(item);
    }
    const item = line.children[i];
    const [label, value] = [item.firstChild, item.lastChild];
    if (label.textContent !== reading.label) label.textContent = reading.label;
    if (value.textContent !== reading.value) value.textContent = reading.value;
    if (item.title !== (reading.help ?? "")) item.title = reading.help ?? "";
  });
  // While it plays, twenty changes a second are no news to be read out.
  line.setAttribute("aria-live", header.playing ? "off" : "polite");
}

/** Shows the frame's message over the foot of the stage: warm when the run diverged, calm otherwise. */
export function showBanner(banner, header) {
  const key = header.message ? `${header.state}|${header.message}` : "";
  if (banner.dataset.key === key) return;
  banner.dataset.key = key;
  banner.replaceChildren();
  banner.hidden = !header.message;
  if (!header.message) return;
  const warm = header.state === "diverged";
  banner.className = `banner ${warm ? "warm" : "calm"}`;
  banner.setAttribute("role", warm ? "alert" : "status");
  const close = element("button", "close", "\u00d7");
  close.setAttribute("aria-label", "Hide this message");
  close.onclick = () => (banner.hidden = true);
  const icon = element("span", "icon", warm ? "!" : "\u2713");
  icon.setAttribute("aria-hidden", "true");
  banner.append(icon, element("span", "text", header.message), close);
}

/** Puts a calm message beside the readings, where there is room: over the foot of the stage it would hide an axis. */
export function placeBanner({ banner, line, note }) {
  if (banner.hidden) return;
  const end = line.lastElementChild ? line.lastElementChild.offsetLeft + line.lastElementChild.offsetWidth : 0;
  const beside = banner.classList.contains("calm") && line.offsetHeight < ONE_LINE && line.clientWidth - end > banner.offsetWidth + 20;
  banner.classList.toggle("beside", beside);
  banner.style.bottom = `${note.offsetHeight + (beside ? -3 : line.offsetHeight + 12)}px`;
}
