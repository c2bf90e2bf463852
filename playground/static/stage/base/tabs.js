/**
 * Tabs: buttons above the canvas, one for each view that the header offers. Which one is open is up to Python.
 */

export class Tabs {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {(act: object) => void} act tells Python what was done
   */
  constructor(canvas, act) {
    this.act = act;
    this.root = document.createElement("div");
    this.root.className = "tabs";
    this.root.setAttribute("role", "toolbar");
    this.root.setAttribute("aria-label", "What is shown below");
    canvas.after(this.root);
  }

  show({ views, view, projector }, { tabs, pad, fonts }) {
    const key = JSON.stringify([views, view, tabs, pad, projector]);
    if (key === this.key) return;
    this.key = key;
    if (this.root.children.length !== views.length) {
      this.root.replaceChildren(
        ...views.map(({ key: name, label, help }) => {
          const tab = document.createElement("button");
          tab.type = "button";
          tab.textContent = label;
          tab.title = help;
          tab.dataset.view = name;
          tab.onclick = () => this.act({ kind: "view", view: name });
          return tab;
        })
      );
    }
    for (const tab of this.root.querySelectorAll("button")) tab.setAttribute("aria-pressed", String(tab.dataset.view === view));
    Object.assign(this.root.style, { left: `${pad - 8}px`, top: `${tabs.y - tabs.height / 2}px`, height: `${tabs.height}px`, fontSize: `${fonts.px.label}px` });
  }
}
