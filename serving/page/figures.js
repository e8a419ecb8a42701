// The table of a model's figures beside those of its dense parent.

import { change, count, distance, percent, points, size, time, times } from "./words.js";

// Title, where it is among the figures, how to show it, and how to compare it.
const ROWS = [
  ["Accuracy", (figures) => figures.accuracy, percent, points],
  ["Fréchet distance", (figures) => figures.likeness?.distance, distance, times],
  ["Coverage", (figures) => figures.likeness?.coverage, percent, points],
  ["FLOPs", (figures) => figures.flops, count, change],
  ["Parameters", (figures) => figures.parameters, count, change],
  ["Size", (figures) => figures.size_bytes, size, change],
  ["Latency", (figures) => figures.latency_ms, time, change],
];

// What a regression's score is: the share of the variance that it explains.
const EXPLAINED = "R²";

/** One line about a model: its accuracy or distance, and what was cut. */
export function about(model) {
  const { figures, dense_figures: dense } = model;
  const [channels, height, width] = model.image_shape;
  const kind = `${width} × ${height}, ${channels === 1 ? "grey" : "colour"}`;
  if (!figures) return kind;
  const cut = dense ? ` at ${change(dense.flops, figures.flops)} FLOPs` : "";
  if (figures.likeness) return `distance ${distance(figures.likeness.distance)}${cut}`;
  const score = model.task === "regression" ? `${EXPLAINED} ` : "";
  return `${score}${percent(figures.accuracy)}${cut}`;
}

/** Fill `section` with a model's table; hide it where nothing was measured. */
export function showFigures(section, model) {
  const { figures, dense_figures: dense } = model;
  section.hidden = !figures;
  if (!figures) return;
  section.replaceChildren(document.getElementById("table").content.cloneNode(true));
  if (!dense) section.querySelector("h2").textContent = "Figures";
  const rows = ROWS.filter(([, field]) => typeof field(figures) === "number");
  section.querySelector("tbody").append(...rows.map((row) => line(row, figures, dense)));
  if (!dense) section.querySelector("table").classList.add("alone");
  if (model.task === "regression") section.querySelector("tbody th").textContent = EXPLAINED;
}

function line([title, field, show, compare], figures, dense) {
  const row = document.createElement("tr");
  row.append(cell("th", title));
  row.firstChild.scope = "row";
  const [value, before] = [field(figures), dense && field(dense)];
  row.append(cell("td", dense ? show(before) : ""), cell("td", show(value)));
  const last = cell("td", dense ? compare(before, value) : "");
  if (dense && compare === change) last.append(remaining(value / before));
  row.append(last);
  return row;
}

function cell(kind, text) {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

/** A bar of what is left. */
function remaining(share) {
  const track = document.createElement("span");
  track.className = "track";
  const fill = document.createElement("span");
  fill.className = "fill";
  fill.style.width = `${Math.min(share, 1) * 100}%`;
  track.append(fill);
  return track;
}
