// Trusted Types: the browser lets scripts write HTML only through these policies (CSP: trusted-types default studio-inert).
// htmx parses what the server sent; that passes only if it holds nothing that could run.

const policies = globalThis.trustedTypes;
const inert = policies?.createPolicy("studio-inert", { createHTML: (html) => html });

// Where our own scripts are: a whole page that the server sent to htmx names them in its head.
const ours = new URL("../../", import.meta.url).pathname;

function runs(element) {
  if (element.localName === "script" && (element.textContent.trim() || !element.getAttribute("src")?.startsWith(ours))) return true;
  for (const { name, value } of element.attributes) {
    if (name.startsWith("on") || name.startsWith("hx-on")) return true;
    if (/^\s*javascript:/i.test(value)) return true;
  }
  return false;
}

function* everything(root) {
  for (const element of root.querySelectorAll("*")) {
    yield element;
    if (element.content instanceof DocumentFragment) yield* everything(element.content);
  }
}

// Parsed into a document that has no window, so nothing loads and nothing runs while we look.
function harmless(html) {
  const parsed = new DOMParser().parseFromString(inert.createHTML(html), "text/html");
  for (const element of everything(parsed)) if (runs(element)) return false;
  return true;
}

policies?.createPolicy("default", {
  createHTML(html) {
    if (harmless(html)) return html;
    throw new TypeError("refused HTML that holds a script");
  },
});
