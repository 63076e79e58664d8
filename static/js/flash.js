// One line at the bottom of the window: errors of htmx, and what other modules want said.

const box = document.getElementById("flash");
let timer;

export function say(text) {
  if (!box || !text) return;
  clearTimeout(timer);
  box.textContent = text;
  timer = setTimeout(() => (box.textContent = ""), 8000);
}

/** Say one of the sentences that the page brings along, translated: failed, unreachable, copied. */
export function sayKnown(name) {
  say(box?.dataset[name]);
}

document.addEventListener("htmx:responseError", () => sayKnown("failed"));
document.addEventListener("htmx:sendError", () => sayKnown("unreachable"));
document.addEventListener("htmx:timeout", () => sayKnown("unreachable"));
