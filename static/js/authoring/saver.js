// Saves a draft by itself after a pause, with the version it was read as; one request at a time.

const PAUSE = 1500;
const AGAIN = 5000;

export class Saver {
  constructor(form, area, show) {
    this.form = form;
    this.area = area;
    this.show = show;
    this.state = form.querySelector("[data-state]");
    this.saved = area.value;
    this.timer = 0;
    this.busy = this.stopped = false;
    addEventListener("beforeunload", (event) => this.dirty() && !this.leaving && event.preventDefault());
    form.addEventListener("submit", (event) => this.submit(event));
  }

  dirty() {
    return this.area.value !== this.saved;
  }

  // The button saves without leaving the page; after a conflict it leads to the page that shows both texts.
  submit(event) {
    if (this.stopped) {
      this.leaving = true;
      return;
    }
    event.preventDefault();
    this.save();
  }

  say(name) {
    this.state.textContent = this.form.dataset[name];
  }

  later(pause = PAUSE) {
    clearTimeout(this.timer);
    if (this.stopped) return;
    if (this.dirty()) this.say("unsaved");
    this.timer = setTimeout(() => this.save(), pause);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.busy || this.stopped) return;
    this.busy = true;
    const text = this.area.value;
    this.say("saving");
    try {
      const body = new FormData(this.form);
      const response = await fetch(this.form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      await this.answered(response, text);
    } catch {
      this.say("failed");
      this.later(AGAIN);
    } finally {
      this.busy = false;
      if (!this.stopped && this.dirty() && text === this.saved) this.later();
    }
  }

  async answered(response, text) {
    if (response.redirected || ![200, 409, 422].includes(response.status)) throw new Error(response.status);
    this.show(await response.text());
    if (response.status === 200) {
      this.saved = text;
      this.form.elements.version.value = document.querySelector("#reading [data-version]").dataset.version;
      this.say("saved");
    } else {
      this.stopped = response.status === 409;
      this.say("unsaved");
    }
  }
}
