/**
 * Measures the stage from inside the page: notes every frame that is painted, the moments of clicks, and samples the
 * canvas for blank or greyed pictures. `window.probe` is what benchmarks/live.py asks.
 */
(() => {
  const SAMPLE = 40; // pixels on a side of the copies that are looked at
  const PLAIN = 10; // a picture whose channels differ by less than this (of 255) shows nothing

  const find = (node, selector) => {
    const here = node.querySelector?.(selector);
    if (here) return here;
    for (const element of node.querySelectorAll("*")) {
      const inside = element.shadowRoot && find(element.shadowRoot, selector);
      if (inside) return inside;
    }
    return null;
  };
  /** The stage's root. Where Streamlit has taken it away and put up another, that is counted and watched from then on. */
  function stage() {
    if (probe.root?.isConnected) return probe.root;
    const root = find(document, "[data-testid=stage]");
    if (!root) return null;
    if (probe.root) probe.remounts++;
    before += +(probe.root?.dataset.painted ?? 0); // a new stage counts its pictures from 1
    probe.root = root;
    new MutationObserver(note).observe(root, { attributes: true });
    note();
    return root;
  }
  let before = 0;

  function note() {
    const { painted, step, state } = probe.root.dataset;
    const last = probe.frames.at(-1);
    const units = probe.root.__stage?.frame?.header.columns?.[0]?.units ?? 0;
    const row = [performance.now(), before + +(painted ?? 0), +step, state, units];
    if (painted !== undefined && !(last && row.slice(1).every((value, i) => value === last[i + 1]))) probe.frames.push(row);
  }

  const copy = document.createElement("canvas");
  copy.width = copy.height = SAMPLE;
  const ctx = copy.getContext("2d", { willReadFrequently: true });

  /** Whether a region of the canvas, given in CSS pixels, has one colour all over. */
  function plain(canvas, x, y, w, h) {
    const ratio = canvas.width / canvas.clientWidth;
    ctx.clearRect(0, 0, SAMPLE, SAMPLE);
    ctx.drawImage(canvas, x * ratio, y * ratio, w * ratio, h * ratio, 0, 0, SAMPLE, SAMPLE);
    const { data } = ctx.getImageData(0, 0, SAMPLE, SAMPLE);
    const low = [255, 255, 255], high = [0, 0, 0];
    for (let i = 0; i < data.length; i++) {
      const channel = i & 3;
      if (channel === 3) continue;
      if (data[i] < low[channel]) low[channel] = data[i];
      if (data[i] > high[channel]) high[channel] = data[i];
    }
    return high.every((value, channel) => value - low[channel] < PLAIN);
  }

  /** Opacity that the element is seen with, through all that it lies in. */
  function opacity(element) {
    let product = 1;
    for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) product *= Number(getComputedStyle(at).opacity);
    return product;
  }

  function sample() {
    const began = performance.now();
    const root = stage();
    const canvas = root?.querySelector("canvas");
    const layout = root?.__stage?.layout;
    let blank = true;
    if (canvas?.clientWidth && layout) {
      const { output, features, top, bottom, confusion, lower } = layout;
      const regions = output
        ? [[output.x, output.y, output.size, output.size], [features.x, top, output.left - features.x, bottom - top]]
        : [confusion, lower].map(({ x, y, width, height }) => [x, y, width, height]); // a page of pictures
      blank = regions.some((region) => plain(canvas, ...region));
    }
    return { blank, greyed: !root || opacity(root) < 0.99, ms: performance.now() - began };
  }

  const probe = (window.probe = {
    frames: [], // [time, pictures painted, data-step, data-state, units of the first layer] whenever one of them changed
    clicks: [], // times of clicks
    presses: [], // times at which the pointer was pressed, which is what the canvas obeys
    samples: [],
    remounts: 0, // times that the stage was taken away and put up anew

    /** Starts to note frames and clicks. */
    watch() {
      const look = () => {
        stage();
        requestAnimationFrame(look);
      };
      look();
      addEventListener("click", (event) => event.isTrusted && probe.clicks.push(event.timeStamp), { capture: true });
      addEventListener("pointerdown", (event) => probe.presses.push(event.timeStamp), { capture: true });
    },

    /** Takes `count` samples, spread over `ms`, each in an animation frame, and adds them to `probe.samples`. */
    sampleFor(ms, count) {
      const start = performance.now();
      let taken = 0;
      const look = (now) => {
        if (now - start >= (taken / count) * ms) {
          taken++;
          probe.samples.push(sample());
        }
        if (taken < count) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    },
  });
})();
