// The editor of a draft: line numbers with marks, jumps, indentation, saving by itself. Without this module it is a text area with a button.

import { Gutter } from "./gutter.js";
import { indent, newline, outdent } from "./indent.js";
import { Saver } from "./saver.js";

const form = document.getElementById("editor");
const area = document.getElementById("text");
const side = document.getElementById("reading");
const gutter = new Gutter(form.querySelector("[data-gutter]"), area, form.dataset.line);

function lineAt(position) {
  return area.value.slice(0, position).split("\n").length;
}

// Put the cursor at the beginning of a line, a third from the top.
function jump(line) {
  let start = 0;
  for (let passed = 1; passed < line; passed++) {
    const next = area.value.indexOf("\n", start);
    if (next < 0) break;
    start = next + 1;
  }
  const end = area.value.indexOf("\n", start);
  area.focus({ preventScroll: true });
  area.setSelectionRange(start, end < 0 ? area.value.length : end);
  area.scrollTop = Math.max(0, (line - 1) * gutter.height - area.clientHeight / 3);
  area.scrollLeft = 0;
  area.scrollIntoView({ block: "nearest" });
  here();
}

// Where the cursor is: in the gutter, in the outline, among the findings.
function here() {
  const line = lineAt(area.selectionStart);
  gutter.current = line;
  gutter.draw();
  let inside = null;
  for (const link of side.querySelectorAll(".outline [data-line]")) {
    link.removeAttribute("aria-current");
    if (Number(link.dataset.line) <= line) inside = link;
  }
  inside?.setAttribute("aria-current", "location");
  for (const item of side.querySelectorAll("[data-finding]")) item.classList.toggle("here", Number(item.dataset.finding) === line);
}

function marked() {
  const marks = new Map();
  for (const item of side.querySelectorAll("[data-finding]")) {
    const line = Number(item.dataset.finding);
    if (line && marks.get(line)?.kind !== "error") marks.set(line, { kind: item.className.includes("error") ? "error" : "warning", item });
  }
  gutter.marks = marks;
  here();
}

const saver = new Saver(form, area, (html) => {
  side.innerHTML = html;
  marked();
});

let leaving = false;
area.addEventListener("keydown", (event) => {
  if (event.key === "Escape") leaving = true;
  else if (event.key === "Tab" && !leaving && !event.ctrlKey && !event.altKey) {
    event.preventDefault();
    (event.shiftKey ? outdent : indent)(area);
  } else if (event.key === "Enter" && !event.isComposing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    newline(area);
  } else if (event.key !== "Shift" && event.key !== "Tab") leaving = false;
});
area.addEventListener("blur", () => (leaving = false));
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey) && !event.altKey) {
    event.preventDefault();
    saver.save();
  }
});
document.addEventListener("selectionchange", () => document.activeElement === area && here());
area.addEventListener("input", () => {
  saver.later();
  gutter.draw();
});
side.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  if (!link) return;
  event.preventDefault();
  jump(Number(link.dataset.line));
});
gutter.onmark = (item) => item.scrollIntoView({ block: "nearest" }) ?? item.querySelector("a")?.focus();

for (const hint of document.querySelectorAll("[data-scripted]")) hint.hidden = false;
marked();
const asked = Number(new URLSearchParams(location.search).get("line"));
if (asked > 0) jump(asked);
