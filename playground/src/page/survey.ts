/** The survey of a dump: chosen or dropped files, read in a worker of their own, and the report. */

import type { Surveyed, SurveyReply } from "../types";
import { byId, element } from "./dom";

/** Bytes. */
const MEGABYTE = 1e6;

export class Survey {
  private worker: Worker | undefined;
  private files: File[] = [];
  /** The settings that the report is about. */
  private settings = "";
  /** Of the report to download. */
  private url = "";
  private readonly place = byId("survey");

  /** `current` gives the settings that the page holds. */
  constructor(private readonly current: () => string) {
    const input = byId<HTMLInputElement>("dump");
    input.onchange = () => {
      this.start([...(input.files ?? [])]);
      // The same file can be chosen again.
      input.value = "";
    };
  }

  /** Surveys files under the settings of the page, in place of what is being surveyed. */
  start(files: File[]): void {
    if (files.length === 0) {
      return;
    }
    this.stop();
    this.files = files;
    this.settings = this.current();
    const size = files.reduce((sum, file) => sum + file.size, 0);
    const names = files.map(({ name }) => name).join(", ");
    const text = element("p", { id: "survey-progress" }, `Reading ${names}`);
    const bar = element("progress", { max: Math.max(size, 1), value: 0, ariaLabel: "Read so far" });
    const button = element("button", { type: "button" }, "Stop");
    button.onclick = () => {
      this.stop();
      this.say("Stopped. Nothing was surveyed.");
      byId("dump").focus();
    };
    this.say(`Reading ${names}.`);
    this.place.replaceChildren(text, bar, button);
    this.place.scrollIntoView({ block: "nearest" });
    const worker = new Worker("survey-worker.js");
    this.worker = worker;
    worker.onerror = (event) => this.end({ failure: event.message || "survey-worker.js cannot be loaded" });
    worker.onmessage = ({ data }: MessageEvent<SurveyReply>) => {
      if (!("read" in data)) {
        this.end(data);
        return;
      }
      const pods = `${data.pods.toLocaleString("en")} pods`;
      const isRead = data.read >= size;
      bar.value = data.read;
      text.textContent = isRead
        ? `Judging ${pods}…`
        : `Reading ${names}: ${megabytes(data.read)} of ${megabytes(size)} MB, ${pods}`;
    };
    worker.postMessage({ settings: this.settings, files });
  }

  /** Says that a report is about other settings, if they have changed since. */
  note(): void {
    const note = document.getElementById("survey-old");
    if (note !== null) {
      note.hidden = this.settings === this.current();
    }
  }

  private stop(): void {
    this.worker?.terminate();
    this.worker = undefined;
    URL.revokeObjectURL(this.url);
    this.place.replaceChildren();
  }

  private end(reply: { answer: Surveyed } | { failure: string }): void {
    const hadFocus = this.place.contains(document.activeElement);
    this.stop();
    if (hadFocus) {
      byId("dump").focus();
    }
    if ("failure" in reply) {
      this.say(`The survey gave no answer: ${reply.failure}`, true);
    } else if (reply.answer.problems.length > 0) {
      this.say("There is no report.", true);
      this.place.append(
        element("ul", { className: "problems" }, ...reply.answer.problems.map((text) => element("li", {}, text))),
      );
    } else {
      this.say(reply.answer.verdict);
      this.show(reply.answer);
    }
  }

  private show({ page, notes }: Surveyed): void {
    const again = element("button", { type: "button" }, "Survey again");
    again.onclick = () => this.start(this.files);
    const old = element("p", { id: "survey-old", className: "note", hidden: true }, "The settings have changed since. ", again);
    this.url = URL.createObjectURL(new Blob([page], { type: "text/html" }));
    const download = element("a", { href: this.url, download: "survey.html", className: "button" }, "Download the report");
    const frame = element("iframe", { title: "The survey’s report", src: "report.html" });
    frame.onload = () => fill(frame, page);
    this.place.append(...notes.map((text) => element("p", { className: "note" }, text)), old, download, frame);
    this.note();
  }

  private say(text: string, isBad = false): void {
    const status = byId("survey-status");
    status.textContent = text;
    status.classList.toggle("bad", isBad);
  }
}

/** Shows the report in a document that may run no script and load nothing: `report.html` forbids both. Its names are escaped. */
function fill({ contentDocument }: HTMLIFrameElement, page: string): void {
  if (contentDocument !== null) {
    contentDocument.documentElement.innerHTML = page;
    contentDocument.querySelectorAll("script").forEach((script) => script.remove());
  }
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0);
}
