// Line numbers beside a text area whose lines do not wrap. Only those in sight are drawn, so that a text of 60,000 lines is no slower.

const SPARE = 10;

export class Gutter {
  marks = new Map();
  current = 1;
  onmark = () => {};

  constructor(box, area, word) {
    this.box = box;
    this.area = area;
    this.word = word;
    this.height = parseFloat(getComputedStyle(area).lineHeight);
    this.lines = document.createElement("div");
    box.append(this.lines);
    box.hidden = false;
    area.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(area);
    box.addEventListener("click", (event) => {
      const mark = this.marks.get(Number(event.target.dataset?.number));
      if (mark) this.onmark(mark.item);
    });
  }

  draw() {
    const first = Math.max(0, Math.floor(this.area.scrollTop / this.height) - SPARE);
    const room = Math.ceil(this.area.clientHeight / this.height) + 2 * SPARE;
    const total = this.area.value.split("\n").length;
    const rows = [];
    for (let number = first + 1; number <= Math.min(total, first + room); number++) rows.push(this.row(number));
    this.lines.replaceChildren(...rows);
    this.lines.style.transform = `translateY(${first * this.height - this.area.scrollTop}px)`;
  }

  row(number) {
    const row = document.createElement("span");
    row.textContent = number;
    row.dataset.number = number;
    if (number === this.current) row.className = "current";
    const mark = this.marks.get(number);
    if (mark) {
      row.classList.add(mark.kind);
      row.title = `${this.word} ${number}: ${mark.item.textContent.replace(/\s+/g, " ").trim()}`;
    }
    return row;
  }
}
