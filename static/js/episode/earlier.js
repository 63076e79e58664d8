// "Load earlier" puts the events before the window on top of the page, which keeps its place. Without this the link leads to a page of them.

import { localise } from "../moments.js";
import { parse } from "./dom.js";

export function earlier(viewer) {
  const list = document.getElementById("transcript");
  const outline = document.getElementById("outline");

  function joinTurns(older) {
    const last = older.lastElementChild;
    const first = outline.firstElementChild;
    if (last && last.dataset.turn === first?.dataset.turn) {
      first.querySelector("ol").prepend(...last.querySelector("ol").children);
      last.remove();
    }
    outline.prepend(...older.children);
  }

  /** A result that stood alone because its call was not in the page stands in its card now. */
  function dropAlone(entries) {
    for (const alone of list.querySelectorAll(':scope > [data-kind="tool_result"]')) {
      const { seq } = alone.dataset;
      if (!entries.querySelector(`.call > #e${seq}`)) continue;
      alone.remove();
      outline.querySelector(`[data-of="${seq}"]`)?.remove();
    }
  }

  function put(part) {
    const held = [...list.children].find((entry) => entry.getBoundingClientRect().bottom > 0) ?? list.firstElementChild;
    const before = held.getBoundingClientRect().top;
    const entries = part.querySelector('[data-part="transcript"]');
    dropAlone(entries);
    joinTurns(part.querySelector('[data-part="outline"]'));
    const more = part.querySelector("#earlier");
    document.getElementById("earlier").replaceWith(...(more ? [more] : []));
    list.prepend(...entries.children);
    localise(list);
    // What is off screen has a guessed height until it is drawn: hold the place now and once more when that is known.
    const hold = () => held.isConnected && scrollBy(0, held.getBoundingClientRect().top - before);
    hold();
    requestAnimationFrame(hold);
  }

  viewer.addEventListener("click", async (event) => {
    const link = event.target.closest("#earlier a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (link.getAttribute("aria-busy")) return;
    link.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      put(parse(await answer.text()));
    } catch {
      location.assign(link.href);
    }
  });
}
