// A team's jobs at a gateway: how they stand, what they say, and a button for each.

import { jobs, lastLine, resume, stop, usage } from "./api.js";
import { ago, hours, moment } from "./words.js";

const EVERY_MS = 5000;
const GOES_ON = new Set(["queued", "pending", "running"]);

// Last lines of logs, by jobs' names.
const heard = new Map();
let timer = 0;

/** Fill `section` and keep it as things are; `report` is told of errors, and with null that all is well. */
export async function showJobs(section, report) {
  const find = (name) => section.querySelector(name);
  let pages = 1;
  // What a button was refused; told until another is pressed, however often all else is well.
  let refusal = null;

  async function look() {
    clearTimeout(timer);
    const [used, found] = await Promise.all([usage(), several(pages)]);
    find(".usage").textContent = summary(used);
    replaceRows(find("tbody"), found.jobs.map((job) => row(job, act)));
    find("table").hidden = !found.jobs.length;
    find(".none").hidden = Boolean(found.jobs.length);
    find(".earlier").hidden = found.next === null;
    section.hidden = false;
    report(refusal);
    timer = setTimeout(() => tried(look), EVERY_MS);
  }

  async function tried(work) {
    try {
      await work();
    } catch (error) {
      report(error);
      // A gateway that is away for a moment; without a key there is nothing to look at.
      clearTimeout(timer);
      if (!section.hidden) timer = setTimeout(() => tried(look), EVERY_MS);
    }
  }

  function act(work) {
    refusal = null;
    return tried(async () => {
      try {
        await work();
      } catch (error) {
        refusal = error;
        throw error;
      }
      await look();
    });
  }

  find(".earlier").onclick = () => {
    pages += 1;
    tried(look);
  };
  await look();
}

/** So many pages of jobs, one after another. */
async function several(pages) {
  let found = { jobs: [], next: null };
  for (let page = 0; page < pages && (page === 0 || found.next); page += 1) {
    const more = await jobs(found.next);
    found = { jobs: [...found.jobs, ...more.jobs], next: more.next };
  }
  return found;
}

/** New rows for old ones; whoever is at a row's button stays there. */
function replaceRows(body, rows) {
  const held = body.contains(document.activeElement) ? document.activeElement.dataset.job : null;
  body.replaceChildren(...rows);
  if (held) body.querySelector(`button[data-job="${CSS.escape(held)}"]`)?.focus();
}

function row(job, act) {
  const made = document.getElementById("job").content.cloneNode(true);
  const find = (name) => made.querySelector(name);
  find("th").textContent = job.name;
  find(".phase").textContent = job.phase;
  find(".phase").classList.add(job.phase);
  const since = job.ended ?? job.started ?? job.submitted;
  find("time").textContent = ago(since);
  find("time").dateTime = new Date(since * 1000).toISOString();
  find("time").title = moment(since);
  says(find(".says"), job);
  button(find("button"), job, act);
  return made;
}

/** What there is to read of a job; of one that runs, the last line of its log. */
function says(cell, job) {
  cell.textContent = job.message;
  if (job.phase !== "running" || job.message) return;
  cell.textContent = heard.get(job.name) ?? "";
  const tell = (line) => {
    heard.set(job.name, line);
    cell.textContent = line;
  };
  // Where the log cannot be had, the row says what it said before.
  lastLine(job.name).then(tell, () => {});
}

function button(made, job, act) {
  const goesOn = GOES_ON.has(job.phase);
  made.hidden = job.phase === "succeeded";
  made.textContent = goesOn ? "Stop" : "Resume";
  made.dataset.job = job.name;
  made.setAttribute("aria-label", `${made.textContent} ${job.name}`);
  made.onclick = () => {
    made.disabled = true;
    act(() => (goesOn ? stop(job.name) : resume(job.name)));
  };
}

/** vision: 2 of 2 jobs run, 3 wait; 12.5 h of 500 h CPU time used; hours renew on 2026-12-01. */
function summary(used) {
  const parts = [`${used.running} of ${used.jobs_at_once} jobs run, ${used.waiting} wait`];
  for (const [kind, budget] of [["CPU", used.cpu_hours], ["GPU", used.gpu_hours]]) {
    if (budget.given === null && !budget.used) continue;
    const given = budget.given === null ? "" : ` of ${hours(budget.given)}`;
    parts.push(`${hours(budget.used)}${given} ${kind} time used`);
  }
  return `${used.team}: ${parts.join("; ")}; hours renew on ${used.renews}.`;
}
