// What arrives goes into the page: articles at the end of the list, results into the card of their call.

import { localise } from "../moments.js";

const ANNOUNCE_EVERY = 5000;

export function transcript(viewer, follow) {
  const list = document.getElementById("transcript");
  const outline = document.getElementById("outline");
  const announcer = document.getElementById("announce");
  let last = Number(viewer.dataset.after);
  let unsaid = 0;
  let saying = null;

  function parse(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html; // through the page's trusted-types policy, which refuses what could run
    return holder.content.firstElementChild;
  }

  function cardOf(call) {
    const cards = list.querySelectorAll(`[data-call="${CSS.escape(call)}"]`);
    return [...cards].find((card) => !card.querySelector(".result"));
  }

  function addOne(event) {
    const entry = parse(event.html);
    const card = event.kind === "tool_result" ? cardOf(event.call) : null;
    if (card) {
      card.querySelector(".pending")?.remove();
      card.append(entry.querySelector(".result"));
    } else {
      list.append(entry);
    }
    const link = document.createElement("a");
    link.href = `#e${event.seq}`;
    link.textContent = event.head;
    const item = document.createElement("li");
    item.className = event.kind;
    if (event.error) item.dataset.error = "";
    item.append(link);
    outline.append(item);
    last = event.seq;
  }

  function say() {
    announcer.textContent = unsaid ? words(viewer, unsaid) : "";
    unsaid = 0;
    saying = null;
  }

  return {
    last: () => last,
    add(events) {
      const fresh = events.filter((event) => event.seq > last);
      if (!fresh.length) return;
      const following = follow.atEnd();
      document.getElementById("nothing")?.remove();
      for (const event of fresh) addOne(event);
      localise(list);
      follow.added(fresh.length, following);
      unsaid += fresh.length;
      saying ??= setTimeout(say, ANNOUNCE_EVERY);
    },
    tell({ phase, strip }) {
      const chip = document.getElementById("phase");
      chip.textContent = phase.text;
      chip.className = `badge ${phase.kind}`;
      if (strip.turn !== null) document.getElementById("strip-turn").textContent = strip.turn;
      document.getElementById("strip-events").textContent = strip.events.toLocaleString();
      document.getElementById("strip-elapsed").textContent = strip.elapsed;
      document.getElementById("strip-calls").textContent = list.querySelectorAll(".result").length;
    },
  };
}

export function words(viewer, count) {
  return count === 1 ? viewer.dataset.newOne : viewer.dataset.newMany.replace("{n}", count);
}
