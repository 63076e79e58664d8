// What arrives goes into the page: articles at the end of the list, results into the card of their call.

import { localise } from "../moments.js";
import { parse } from "./dom.js";

const ANNOUNCE_EVERY = 5000;

export function transcript(viewer, follow, inspector) {
  const list = document.getElementById("transcript");
  const outline = document.getElementById("outline");
  const announcer = document.getElementById("announce");
  const marks = document.getElementById("steps");
  let last = Number(viewer.dataset.after);
  let unsaid = 0;
  let saying = null;
  let announced = 0;

  function cardOf(call) {
    const cards = list.querySelectorAll(`[data-call="${CSS.escape(call ?? "")}"]`);
    return [...cards].find((card) => !card.querySelector(".result"));
  }

  function intoCard(card, event, entry) {
    const result = entry.querySelector(".result");
    card.querySelector(".status").replaceChildren(entry.querySelector(".result-head"));
    card.append(result);
    card.classList.toggle("failed", event.error);
    const chips = outline.querySelectorAll(`[data-chip="${CSS.escape(event.call ?? "")}"]`);
    const chip = [...chips].find((link) => !link.dataset.answered);
    if (!chip) return;
    chip.dataset.answered = "";
    chip.href = `#${result.id}`;
    if (!event.error) return;
    chip.classList.add("bad");
    chip.append(` (${viewer.dataset.failed})`);
  }

  function turnOf(number) {
    const newest = outline.lastElementChild;
    if (newest?.dataset.turn === String(number)) return newest.querySelector("ol");
    const turn = document.createElement("li");
    turn.className = "turn";
    turn.dataset.turn = number;
    const name = document.createElement("span");
    name.className = "turn-name";
    name.textContent = number ? `${viewer.dataset.turn} ${number}` : "";
    turn.append(name, document.createElement("ol"));
    outline.append(turn);
    return turn.lastElementChild;
  }

  function addOne(event) {
    const entry = parse(event.html).firstElementChild;
    const card = event.kind === "tool_result" ? cardOf(event.call) : null;
    if (card) {
      intoCard(card, event, entry);
    } else {
      list.append(entry);
      turnOf(event.turn).append(parse(event.outline).firstElementChild);
    }
    if (event.changed) marks.append(new Option("", event.seq));
    last = event.seq;
  }

  function say() {
    announcer.textContent = unsaid ? words(viewer, unsaid) : "";
    announced = performance.now();
    unsaid = 0;
    saying = null;
  }

  // That somebody writes is announced now and then; the words are not, before they are an event.
  function sayWriting(label) {
    if (saying || (announced && performance.now() - announced < ANNOUNCE_EVERY)) return;
    announcer.textContent = label;
    announced = performance.now();
  }

  const beingWritten = () => list.querySelector("[data-writing]");

  function write(entry) {
    const old = beingWritten();
    if (old?.dataset.writing === entry.dataset.writing) {
      // Only the words change, so that the focus and the place stay.
      old.querySelector(".said").replaceChildren(...entry.querySelector(".said").childNodes);
      return;
    }
    old?.remove();
    list.append(entry);
    sayWriting(entry.querySelector("[data-label]").textContent);
  }

  return {
    last: () => last,
    add(events) {
      const fresh = events.filter((event) => event.seq > last);
      if (!fresh.length) return;
      const following = follow.atEnd();
      document.getElementById("nothing")?.remove();
      beingWritten()?.remove();
      for (const event of fresh) addOne(event);
      localise(list);
      follow.added(fresh.length, following);
      inspector.grown(last);
      unsaid += fresh.length;
      saying ??= setTimeout(say, ANNOUNCE_EVERY);
    },
    /** What is being written after the last event, or null. */
    write(writing) {
      if (!writing || writing.seq !== last + 1) {
        beingWritten()?.remove();
        return;
      }
      const following = follow.atEnd();
      write(parse(writing.html).firstElementChild);
      if (following) follow.toEnd();
    },
    tell({ phase, strip }) {
      const chip = document.getElementById("phase");
      chip.textContent = phase.text;
      chip.className = `badge ${phase.kind}`;
      if (phase.over) for (const pending of list.querySelectorAll(".pending")) pending.textContent = viewer.dataset.silent;
      if (strip.turn !== null) document.getElementById("strip-turn").textContent = strip.turn;
      document.getElementById("strip-events").textContent = strip.events.toLocaleString();
      document.getElementById("strip-elapsed").textContent = strip.elapsed;
      document.getElementById("strip-calls").textContent = strip.calls.toLocaleString();
    },
  };
}

export function words(viewer, count) {
  return count === 1 ? viewer.dataset.newOne : viewer.dataset.newMany.replace("{n}", count);
}
