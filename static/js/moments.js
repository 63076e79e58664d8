// <time class="moment"> in the reader's own zone and language.

const language = document.documentElement.lang;
const short = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const long = new Intl.DateTimeFormat(language, { dateStyle: "full", timeStyle: "long" });

export function localise(root) {
  for (const element of root.querySelectorAll("time.moment")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    element.textContent = short.format(moment);
    element.title = long.format(moment);
  }
}

localise(document);
document.addEventListener("htmx:afterSettle", (event) => localise(event.target));
