"""A button that puts the link of the page on the clipboard: whoever opens it gets the same run.

It also puts the query that a page was opened with right (history.py), without an entry in the browser's history.
"""

import streamlit as st

HTML = '<button type="button" title="Copy a link that reproduces this run">Copy link</button>'
CSS = """
button {
  font: inherit; font-size: 14px; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 8px);
  padding: 0 13px; height: 32px; cursor: pointer; white-space: nowrap; min-width: 92px;
}
button:hover, button:focus-visible {
  border-color: var(--st-primary-color); color: var(--st-primary-color); outline: none;
}
"""
JS = """
export default function ({ parentElement, data }) {
  if (data && window.location.search !== data) {
    const embedded = [...new URLSearchParams(window.location.search)].filter(([key]) => key.startsWith('embed'));
    const kept = embedded.map((pair) => `&${new URLSearchParams([pair])}`).join('');
    window.history.replaceState(window.history.state, '', `${window.location.pathname}${data}${kept}`);
  }
  const button = parentElement.querySelector('button');
  button.onclick = async () => {
    let copied = true;
    try {
      await navigator.clipboard.writeText(window.location.href);
    } catch {  // a page that is not served from localhost or over https has no clipboard; the old way still works
      const field = document.body.appendChild(document.createElement('textarea'));
      field.value = window.location.href;
      field.select();
      copied = document.execCommand('copy');
      field.remove();
    }
    button.textContent = copied ? 'Copied' : 'Use the address bar';
    setTimeout(() => { button.textContent = 'Copy link'; }, 1600);
  };
}
"""

_component = st.components.v2.component("nn_playground_copy_link", html=HTML, css=CSS, js=JS)


def copy_link(place: str) -> None:
    """The button. place: the query that the address bar shall say without a new entry (History.to_place)."""
    _component(key="copy-link", data=place, width="content")
