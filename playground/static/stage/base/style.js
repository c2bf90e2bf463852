/**
 * The style of what is not canvas. Colours come from the theme as custom properties, so that a change of theme is one call.
 */

export const CSS = `
.stage { position: relative; width: 100%; font-family: var(--font); color: var(--text); font-size: 14px; line-height: 1.4; }
.stage * { box-sizing: border-box; }
.stage canvas { display: block; width: 100%; touch-action: pan-y; user-select: none; -webkit-user-select: none; }
.stage.painting canvas { touch-action: none; }
.pad { position: absolute; z-index: 1; border-radius: 8px; }
.pad.draws { cursor: crosshair; touch-action: none; }
.tabs { position: absolute; z-index: 1; display: flex; gap: 2px; align-items: center; padding-right: 10px;
  max-width: calc(100% - 20px); overflow-x: auto; scrollbar-width: none; }
.tabs button { font: inherit; color: var(--muted); background: none; border: 0; border-radius: 7px; padding: 3px 9px; cursor: pointer;
  white-space: nowrap; }
.tabs button:hover { color: var(--text); }
.tabs button:focus-visible { outline: 2px solid var(--accent); }
.tabs button[aria-pressed="true"] { color: var(--accent); font-weight: 600; background: color-mix(in srgb, var(--accent) 11%, transparent); }
.status { display: flex; flex-wrap: wrap; column-gap: 26px; row-gap: 2px; padding: 8px 2px 0; min-height: 28px;
  font-variant-numeric: tabular-nums; color: var(--muted); max-height: 52px; overflow: hidden; }
.status .reading { white-space: nowrap; cursor: default; }
.status b { color: var(--text); font-weight: 600; }
.note { margin: 0; padding: 0 2px; height: 20px; font-size: 13px; line-height: 20px; color: var(--muted); white-space: nowrap;
  overflow: hidden; text-overflow: ellipsis; }
.tip { position: absolute; z-index: 3; max-width: 280px; padding: 6px 10px; border: 1px solid var(--line); border-radius: 8px;
  background: var(--card); color: var(--text); font-size: 13px; pointer-events: none; white-space: pre-line;
  font-variant-numeric: tabular-nums; left: 0; top: 0; }
.tip[hidden], .editor[hidden], .banner[hidden], .link[hidden] { display: none; }
.editor { position: absolute; z-index: 4; width: 104px; padding: 5px 8px; border: 1.5px solid var(--accent); border-radius: 8px;
  background: var(--card); color: var(--text); font: inherit; font-variant-numeric: tabular-nums; outline: none; }
.banner { position: absolute; z-index: 2; left: 50%; transform: translateX(-50%); display: flex; gap: 10px; align-items: center;
  max-width: calc(100% - 48px); padding: 8px 10px 8px 12px; border-radius: 10px; border: 1px solid var(--line); font-size: 13.5px; }
.banner .icon { flex: none; width: 20px; height: 20px; border-radius: 50%; display: grid; place-items: center; font-weight: 700;
  font-size: 13px; color: var(--card); background: var(--accent); }
.banner.calm { background: var(--card); color: var(--text); }
.banner.beside { left: auto; right: 0; transform: none; padding: 4px 8px 4px 10px; }
.banner.warm { background: var(--warm); color: var(--warm-text); border-color: currentColor; }
.banner.warm .icon { background: var(--warm-text); }
.banner .close { flex: none; border: 0; background: none; color: inherit; font: inherit; font-size: 18px; line-height: 1; cursor: pointer;
  padding: 0 4px; }
.link { position: absolute; z-index: 5; left: 50%; top: 12px; transform: translateX(-50%); width: max-content; max-width: calc(100% - 48px); padding: 7px 14px;
  border-radius: 10px; border: 1px solid currentColor; background: var(--warm); color: var(--warm-text); font-size: 13.5px; }
.hidden-text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.stage.projector, .stage.projector .status { font-size: 18px; }
.stage.projector .note { font-size: 18px; height: 26px; line-height: 26px; }
.stage.projector .status { max-height: 64px; }
.stage.projector .tip, .stage.projector .banner, .stage.projector .link { font-size: 18px; max-width: 420px; }
.stage.projector .banner { max-width: calc(100% - 48px); }
`;

/** Hands the theme to the style sheet. */
export function applyTheme(root, theme) {
  const set = { font: theme.font, text: theme.text, muted: theme.muted, card: theme.card, line: theme.line, accent: theme.accent };
  for (const [name, value] of Object.entries(set)) root.style.setProperty(`--${name}`, value);
  root.style.setProperty("--warm", theme.warm);
  root.style.setProperty("--warm-text", theme.warmText);
}
