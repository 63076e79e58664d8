// Links to a step open it in the inspector beside the transcript; the scrubber goes through all of them. Without this they lead to pages.

import { localise } from "../moments.js";
import { parse, placeOf } from "./dom.js";

const PATIENCE = 80;
const REFRESH = 1000;

export function inspect(viewer) {
  const panel = document.getElementById("inspector");
  const inspected = document.getElementById("inspected");
  const scrub = document.getElementById("scrub");
  const range = document.getElementById("at");
  const shown = document.getElementById("scrub-at");
  const narrow = matchMedia("(max-width: 56rem)");
  let asking = null;
  let waiting = null;
  let refreshing = null;
  // Until somebody chooses a step the inspector stays with the newest one.
  let pinned = "pinned" in inspected.dataset;

  const tab = () => inspected.querySelector("[data-tab][aria-current]")?.dataset.tab ?? "world";
  const urlOf = (seq) => `${inspected.dataset.url.replace(/0\/$/, `${seq}/`)}?tab=${tab()}`;

  function point(seq) {
    range.value = seq;
    shown.textContent = seq;
    for (const place of document.querySelectorAll(".looked-at")) place.classList.remove("looked-at");
    if (pinned) placeOf(seq)?.classList.add("looked-at");
  }

  async function show(url, seq) {
    asking?.abort();
    asking = new AbortController();
    const within = inspected.contains(document.activeElement) ? document.activeElement.dataset.tab ?? document.activeElement.rel : null;
    inspected.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      inspected.replaceChildren(parse(await answer.text()));
      localise(inspected);
      panel.scrollTop = 0;
      point(seq);
      if (within) (inspected.querySelector(`[data-tab="${within}"], [rel="${within}"]`) ?? inspected.querySelector("[data-tab]"))?.focus();
    } catch (error) {
      if (error.name !== "AbortError") location.assign(url);
    } finally {
      inspected.removeAttribute("aria-busy");
    }
  }

  viewer.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-step]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    clearTimeout(waiting); // what was clicked last counts, not where the scrubber came from
    const seq = Number(link.dataset.step);
    pinned = true;
    show(link.search ? link.href : urlOf(seq), seq);
    if (narrow.matches && !panel.matches(":popover-open")) panel.showPopover();
  });

  document.getElementById("scrub-go").hidden = true;
  scrub.addEventListener("submit", (event) => event.preventDefault());
  range.addEventListener("input", () => {
    const seq = Number(range.value);
    pinned = range.value !== range.max;
    shown.textContent = seq;
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      placeOf(seq)?.scrollIntoView({ block: "nearest" });
      show(urlOf(seq), seq);
    }, PATIENCE);
  });

  return {
    /** The log has grown up to event ``last``. */
    grown(last) {
      range.max = last;
      scrub.hidden = false;
      if (pinned) return;
      refreshing ??= setTimeout(() => {
        refreshing = null;
        if (!pinned) show(urlOf(range.max), Number(range.max));
      }, REFRESH);
    },
  };
}
