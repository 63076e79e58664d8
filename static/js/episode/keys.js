// Keys, and the one article that the tab key reaches. The sheet in the page is the table: each of its rows names keys and a deed, and each
// deed is a function here.

import { sayKnown } from "../flash.js";

const TYPING = "input, textarea, select, [contenteditable]";

export function keys(follow) {
  const list = document.getElementById("transcript");
  const sheet = document.getElementById("keys");
  let current = null;
  let roving = null;

  const all = (selector) => [...list.querySelectorAll(selector)];
  const top = (element) => element.getBoundingClientRect().top;
  const standing = () => (current?.isConnected ? top(current) : Math.min(120, innerHeight / 3));

  function rove(element) {
    if (roving) roving.tabIndex = -1;
    roving = element;
    if (roving) roving.tabIndex = 0;
  }

  function go(element) {
    if (!element) return;
    current = element;
    rove(element);
    element.scrollIntoView({ block: "start" });
    element.focus({ preventScroll: true });
  }

  function move(selector, step) {
    const found = all(selector);
    const at = current ? found.indexOf(current) : -1;
    if (at >= 0) return go(found[at + step]);
    const here = standing();
    return go(step > 0 ? found.find((element) => top(element) > here + 1) : found.findLast((element) => top(element) < here - 1));
  }

  function stepLink() {
    const place = current ?? all("article").find((element) => element.getBoundingClientRect().bottom > 120);
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
      const at = found.indexOf(current);
      go(at >= 0 ? found[at + 1] : found.find((element) => !current || top(element) > top(current)));
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
    copy_link: copyLink,
    help: () => sheet.togglePopover(),
  };

  const copy = document.getElementById("copy-link");
  copy.hidden = !navigator.clipboard;
  copy.addEventListener("click", copyLink);
  rove(all("article")[0]);

  const table = new Map([...sheet.querySelectorAll("[data-key]")].map((row) => [row.dataset.key, deeds[row.dataset.deed]]));
  let pending = "";
  let forget = null;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest(TYPING)) return;
    const typed = `${pending} ${event.key}`.trim();
    const deed = table.get(typed) ?? table.get(event.key);
    clearTimeout(forget);
    pending = "";
    if (deed) {
      event.preventDefault();
      deed();
    } else if ([...table.keys()].some((key) => key.startsWith(`${event.key} `))) {
      pending = event.key;
      forget = setTimeout(() => { pending = ""; }, 1000);
    }
  });
}
