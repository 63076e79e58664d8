// Going through a transcript with the keyboard: from place to place, remembering where one stands; the tab key reaches that one article.

export function walker(list) {
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

  rove(all("article")[0]);
  return { all, top, go, move, current: () => current };
}
