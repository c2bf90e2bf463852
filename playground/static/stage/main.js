/**
 * The stage's door: what Streamlit's inline loader imports, and calls again with every run of the page.
 *
 * The loader imports `main.js?v=HASH`. The other modules have no such suffix, and Streamlit serves them without a
 * Cache-Control, so a browser may keep old ones for days: they are asked for once a page load, which costs a "304 Not
 * Modified" each, before they are imported. The loader knows which there are; Python lists them.
 */

const stages = new WeakMap();
let opening = null;

/** Fetches all modules anew, then imports them. */
async function open(modules) {
  await Promise.all(modules.map((module) => fetch(new URL(module, import.meta.url), { cache: "no-cache" })));
  const { Stage } = await import("./plane/stage.js");
  const { PictureStage } = await import("./images/stage.js");
  const { LabStage } = await import("./labs/stage.js");
  const { unpack } = await import("./base/frame.js");
  return { unpack, kindOf: ({ kind }) => ({ pictures: PictureStage, lab: LabStage })[kind] ?? Stage };
}

/**
 * @param {{data: Uint8Array, parentElement: ShadowRoot|HTMLElement, setTriggerValue: Function}} component
 * @param {string[]} modules the stage's other files, from this folder
 * @returns {Promise<(() => void)|undefined>} what Streamlit calls when the component goes, but also when a newer frame
 *   overtook this one: the stage therefore goes only if it is no longer in the page
 */
export default async function show(component, modules) {
  const { unpack, kindOf } = await (opening ??= open(modules));
  const { parentElement } = component;
  let stage = stages.get(parentElement);
  if (!stage || stage.gone) {
    const { header } = unpack(component.data);
    if (!header.run) return undefined; // news for a stage that has gone meanwhile
    stage = new (kindOf(header))(parentElement);
    stages.set(parentElement, stage);
  }
  stage.receive(component);
  return () => {
    if (!stage.root.isConnected) stage.destroy();
  };
}
