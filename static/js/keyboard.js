// Keys. The sheet in the page (templates/parts/keys.html) is the table: each of its rows names keys and a deed, and each deed is a function
// that the page's own module brings. A key may be a sequence ("g g") or a chord ("Ctrl+Enter", "Shift+S").

const TYPING = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
const WHILE_TYPING = /^(Ctrl\+|Escape$)/;
const ARROWS = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→" };

/** What the sheet may call a key that was pressed. */
function names(event) {
  const key = ARROWS[event.key] ?? event.key;
  if (event.ctrlKey || event.metaKey) return [`Ctrl+${key}`];
  return event.shiftKey && /^\p{L}$/u.test(key) ? [`Shift+${key.toUpperCase()}`, key] : [key];
}

export function listen(sheet, deeds) {
  const table = new Map([...sheet.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, deeds[row.dataset.deed]]));
  let pending = "";
  let forget = null;

  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.isComposing) return;
    const typing = event.target.closest?.(TYPING);
    const pressed = names(event).filter((name) => !typing || WHILE_TYPING.test(name));
    const typed = pressed.flatMap((name) => [`${pending} ${name}`.trim(), name]);
    const found = typed.find((name) => table.has(name));
    clearTimeout(forget);
    pending = "";
    if (found) {
      if (table.get(found)(found, event) !== false) event.preventDefault();
    } else if (pressed.length && [...table.keys()].some((key) => key.startsWith(`${event.key} `))) {
      pending = event.key;
      forget = setTimeout(() => { pending = ""; }, 1000);
    }
  });
}
