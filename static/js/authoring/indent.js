// Indentation in a text area, in steps of two spaces, so that undo keeps working.

const STEP = "  ";

// The only way of changing a text area that the browser's undo knows; where it is gone, the text is set and undo begins anew.
function replace(area, start, end, text) {
  area.setSelectionRange(start, end);
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (!done) {
    area.setRangeText(text, start, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function lines(area) {
  const start = area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;
  return { start, end: area.selectionEnd, text: area.value.slice(start, area.selectionEnd) };
}

function change(area, each) {
  const { start, end, text } = lines(area);
  const made = text.split("\n").map(each).join("\n");
  if (made === text) return;
  replace(area, start, end, made);
  area.setSelectionRange(text.includes("\n") ? start : start + made.length, start + made.length);
}

export function indent(area) {
  if (area.selectionStart === area.selectionEnd) {
    const column = area.selectionStart - lines(area).start;
    replace(area, area.selectionStart, area.selectionEnd, column % 2 ? " " : STEP);
  } else change(area, (line) => (line ? STEP + line : line));
}

export function outdent(area) {
  change(area, (line) => line.replace(/^ {1,2}/, ""));
}

/** A new line as far in as this one; one step further after a colon or the bar of a block. */
export function newline(area) {
  const { start } = lines(area);
  const before = area.value.slice(start, area.selectionStart);
  const deeper = /(:|[|>][+-]?)\s*$/.test(before) ? STEP : "";
  replace(area, area.selectionStart, area.selectionEnd, "\n" + /^ */.exec(before)[0] + deeper);
}
