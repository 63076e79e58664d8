// Keys of the episode viewer: a deed for each row of its sheet.

import { sayKnown } from "../flash.js";
import { listen } from "../keyboard.js";
import { walker } from "./walk.js";

export function keys(follow) {
  const { all, top, go, move, current } = walker(document.getElementById("transcript"));
  const sheet = document.getElementById("keys");

  function stepLink() {
    const place = current() ?? all("article").find((element) => element.getBoundingClientRect().bottom > 120);
    return place?.querySelector("a[data-step]");
  }

  async function copyLink() {
    const step = stepLink()?.dataset.step;
    const link = new URL(location.pathname, location.href);
    link.hash = step ? `e${step}` : "";
    await navigator.clipboard?.writeText(link.href);
    sayKnown("copied");
  }

  const deeds = {
    next_turn: () => move("article", 1),
    previous_turn: () => move("article", -1),
    next_call: () => move(".call", 1),
    previous_call: () => move(".call", -1),
    next_error() {
      const found = all("[data-error]").map((element) => element.closest(".call") ?? element.querySelector("article") ?? element);
      const at = found.indexOf(current());
      go(at >= 0 ? found[at + 1] : found.find((element) => !current() || top(element) > top(current())));
    },
    open: () => stepLink()?.click(),
    start: () => go(all("article")[0]),
    end: () => go(all("article").at(-1)),
    follow: () => follow.toEnd(),
    find() {
      const form = document.getElementById("finder");
      if (getComputedStyle(form).display === "none") form.showPopover();
      document.getElementById("find").select();
      document.getElementById("find").focus();
    },
    copy_link: () => void copyLink(),
    help: () => void sheet.togglePopover(),
  };

  const copy = document.getElementById("copy-link");
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", copyLink);

  listen(sheet, deeds);
}
