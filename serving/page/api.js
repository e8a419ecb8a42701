// Requests to the server that this page came from.

const KEY = "secateur-api-key";

/** An answer that is an error: the server's one line, and its status; 0 where none came. */
export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** The API key of this tab, or null. */
export function key() {
  return sessionStorage.getItem(KEY);
}

/** Keep an API key for as long as this tab is open; null forgets it. */
export function useKey(value) {
  if (value === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, value);
}

/** What the server has: of models to ask, and of jobs to watch. */
export async function offers() {
  const { paths } = (await ask("openapi.json")).answer;
  return { models: "/v1/models" in paths, jobs: "/v1/jobs" in paths };
}

/** The models that this page may ask. */
export async function models() {
  return (await ask("v1/models")).answer.models;
}

/** What a model says of a picture (a Blob), and after how many milliseconds. */
export function classify(model, picture) {
  return ask(`${routes(model)}/classify`, {
    body: picture,
    headers: { "Content-Type": "application/octet-stream" },
  });
}

/** Images, each a PNG file in base64, and after how many milliseconds. */
export function generate(model, n, seed) {
  return ask(`${routes(model)}/generate`, {
    body: JSON.stringify({ n, seed, format: "json" }),
    headers: { "Content-Type": "application/json" },
  });
}

/** The team's jobs, the last submitted first, and where those begin that follow. */
export async function jobs(before) {
  return (await ask(`v1/jobs?limit=50${before ? `&before=${before}` : ""}`)).answer;
}

/** What the team uses, and what it may. */
export async function usage() {
  return (await ask("v1/usage")).answer;
}

/** Have a job stopped, or taken out of the queue. */
export function stop(job) {
  return ask(jobRoute(job), { method: "DELETE" });
}

/** Queue a job again. */
export function resume(job) {
  return ask(`${jobRoute(job)}/resume`, { method: "POST" });
}

/** What a job has printed last. */
export async function lastLine(job) {
  return (await ask(`${jobRoute(job)}/logs?lines=1`, { read: "text" })).answer.trim();
}

function jobRoute(job) {
  return `v1/jobs/${encodeURIComponent(job)}`;
}

/** The path in front of a model's routes. */
export function routes(model) {
  return `v1/models/${encodeURIComponent(model)}`;
}

/**
 * A function that works on one call at a time: of the calls that come meanwhile, only the
 * last is kept for afterwards.
 */
export function newest(work) {
  let busy = false;
  let next = null;
  return async function start(...args) {
    if (busy) {
      next = args;
      return;
    }
    busy = true;
    await work(...args);
    busy = false;
    if (next) {
      const last = next;
      next = null;
      await start(...last);
    }
  };
}

async function ask(path, { body, method = body ? "POST" : "GET", headers = {}, read = "json" } = {}) {
  if (key()) headers.Authorization = `Bearer ${key()}`;
  const begun = performance.now();
  let response;
  let answer;
  try {
    response = await fetch(path, { method, body, headers });
    answer = await response[response.ok ? read : "json"]();
  } catch {
    throw new Refusal("The server does not answer.", 0);
  }
  // A proxy in between has words of its own.
  if (!response.ok) throw new Refusal(answer.error ?? `Refused: ${response.status}.`, response.status);
  return { answer, ms: performance.now() - begun };
}
