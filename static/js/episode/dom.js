// What the modules of the viewer share.

/** Elements of HTML that the server drew: through the page's trusted-types policy, which refuses what could run. */
export function parse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content;
}

/** The article or card that shows event ``seq``, or null. */
export function placeOf(seq) {
  const found = document.getElementById(`e${seq}`);
  return found?.closest(".call") ?? found?.closest("article") ?? null;
}
