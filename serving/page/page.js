// The page: which model is chosen, its figures, and the panel to try it.

import { key, models, offers, routes, useKey } from "./api.js";
import { showClassifier } from "./classifier.js";
import { about, showFigures } from "./figures.js";
import { showGenerator } from "./generator.js";
import { showJobs } from "./jobs.js";

const UNAUTHORIZED = 401;
const PANELS = { classification: showClassifier, generation: showGenerator };

const find = (name) => document.getElementById(name);
// Takes a picture that was dropped or pasted, where the chosen model takes any.
let takePicture = null;

function report(error) {
  find("notice").hidden = !error;
  find("notice").textContent = error ? error.message : "";
  if (error?.status === UNAUTHORIZED) askForKey();
}

function askForKey() {
  find("key").hidden = false;
  find("forget").hidden = true;
  find("content").hidden = true;
  find("jobs").hidden = true;
  find("key-field").focus();
}

async function load() {
  try {
    const offered = await offers();
    if (offered.models) showModels(await models());
    if (offered.jobs) await showJobs(find("jobs"), report);
  } catch (error) {
    report(error);
    return;
  }
  find("key").hidden = true;
  find("forget").hidden = key() === null;
}

function showModels(served) {
  report(served.length ? null : new Error("No model is served here, or none that the key opens."));
  find("content").hidden = !served.length;
  find("cards").replaceChildren(...served.map(card));
  const named = location.hash.slice(1);
  choose(served.find((model) => encodeURIComponent(model.name) === named) ?? served[0]);
}

function card(model) {
  const made = find("card").content.cloneNode(true);
  made.querySelector(".name").textContent = model.name;
  made.querySelector(".badge").textContent = version(model);
  made.querySelector(".about").textContent = about(model);
  const choice = made.querySelector("input");
  choice.value = model.name;
  choice.addEventListener("change", () => choose(model));
  return made;
}

function version({ version, precision }) {
  return `version ${version}${precision === "float32" ? "" : ` · ${precision}`}`;
}

function choose(model) {
  if (!model) return;
  report(null);
  find("cards").querySelector(`input[value="${CSS.escape(model.name)}"]`).checked = true;
  history.replaceState(null, "", `#${encodeURIComponent(model.name)}`);
  takePicture = showPanel(model);
  find("try").hidden = !(model.task in PANELS);
  showFigures(find("figures"), model);
  find("program").hidden = !(model.task in PANELS);
  find("program").querySelector("code").textContent = program(model);
}

/** A panel of its own: what is answered once another model is chosen changes nothing there. */
function showPanel(model) {
  const panel = document.createElement("div");
  find("try").replaceChildren(panel);
  const told = (error) => { if (panel.isConnected) report(error); };
  return PANELS[model.task]?.(panel, model, told) ?? null;
}

function program(model) {
  const url = new URL(routes(model.name), document.baseURI);
  const lines = ["curl -sS"];
  if (key()) lines.push('  -H "Authorization: Bearer $SECATEUR_API_KEY"');
  if (model.task === "classification") lines.push("  -F image=@picture.png", `  ${url}/classify`);
  else lines.push(`  -d '{"n": 16, "seed": 7}' -o images.png`, `  ${url}/generate`);
  return lines.join(" \\\n");
}

find("key").addEventListener("submit", (event) => {
  event.preventDefault();
  useKey(find("key-field").value.trim());
  find("key-field").value = "";
  load();
});
find("forget").addEventListener("click", () => {
  useKey(null);
  load();
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  takePicture?.(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => takePicture?.(event.clipboardData.files[0]));

load();
