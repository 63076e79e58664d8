// Goes to the place that a search found and paints the words; nothing in the page is changed for that.

export function found(viewer) {
  const place = document.getElementById(viewer.dataset.found ?? "");
  if (!place) return;
  if (!location.hash) place.scrollIntoView();
  const needle = viewer.dataset.needle?.toLowerCase();
  if (!needle || !globalThis.Highlight) return;
  for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  const ranges = [];
  const words = document.createTreeWalker(document.getElementById("transcript"), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const text = words.currentNode.data.toLowerCase();
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
      const range = new Range();
      range.setStart(words.currentNode, at);
      range.setEnd(words.currentNode, at + needle.length);
      ranges.push(range);
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}
