/**
 * The stage's door: what Streamlit's inline loader imports, and calls again with every run of the page.
 *
 * The loader imports `main.js?v=HASH`. The other modules have no such suffix, and Streamlit serves them without a
 * Cache-Control, so a browser may keep old ones for days: they are asked for once a page load, which costs a "304 Not
 * Modified" each, before they are imported.
 */

const MODULES = [
  "axes", "board", "boundary", "colours", "curves", "dom", "field", "frame", "interaction", "lab", "lab_bars", "lab_charts",
  "lab_compare", "lab_depth", "lab_grid", "lab_maps", "lab_seeds", "lab_surface", "layout", "links", "lower", "network",
  "output", "pad", "panels", "pictures", "pictures_layout", "pointer", "points", "presses", "ridges", "shapes",
  "stage", "status", "style", "targets", "theme", "thumbs", "tiles", "tween", "wire",
];

await Promise.all(MODULES.map((name) => fetch(new URL(`${name}.js`, import.meta.url), { cache: "no-cache" })));
const { Stage } = await import("./stage.js");
const { PictureStage } = await import("./pictures.js");
const { LabStage } = await import("./lab.js");
const { unpack } = await import("./frame.js");

const stages = new WeakMap();

/**
 * @param {{data: Uint8Array, parentElement: ShadowRoot|HTMLElement, setTriggerValue: Function}} component
 * @returns {() => void} what Streamlit calls when the component goes, but also when a newer frame overtook this one:
 *   the stage therefore goes only if it is no longer in the page
 */
export default function show(component) {
  const { parentElement } = component;
  let stage = stages.get(parentElement);
  if (!stage || stage.gone) {
    const kinds = { pictures: PictureStage, lab: LabStage };
    const { header } = unpack(component.data);
    if (!header.run) return undefined; // news for a stage that has gone meanwhile
    stage = new (kinds[header.kind] ?? Stage)(parentElement);
    stages.set(parentElement, stage);
  }
  stage.receive(component);
  return () => {
    if (!stage.root.isConnected) stage.destroy();
  };
}
