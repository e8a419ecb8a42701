// The table of a model's figures beside those of its dense parent.

import { change, count, percent, points, size, time } from "./words.js";

// Title, field, how to show it, and how to compare it.
const ROWS = [
  ["Accuracy", "accuracy", percent, points],
  ["FLOPs", "flops", count, change],
  ["Parameters", "parameters", count, change],
  ["Size", "size_bytes", size, change],
  ["Latency", "latency_ms", time, change],
];

/** One line about a model: its accuracy and what was cut. */
export function about(model) {
  const { figures, dense_figures: dense } = model;
  const [channels, height, width] = model.image_shape;
  const kind = `${width} × ${height}, ${channels === 1 ? "grey" : "colour"}`;
  if (typeof figures?.accuracy !== "number") return kind;
  const cut = dense ? ` at ${change(dense.flops, figures.flops)} FLOPs` : "";
  return `${percent(figures.accuracy)}${cut}`;
}

/** Fill `section` with a model's table; hide it where nothing was measured. */
export function showFigures(section, model) {
  const { figures, dense_figures: dense } = model;
  section.hidden = !figures;
  if (!figures) return;
  section.replaceChildren(document.getElementById("table").content.cloneNode(true));
  if (!dense) section.querySelector("h2").textContent = "Figures";
  const rows = ROWS.filter(([, field]) => typeof figures[field] === "number");
  section.querySelector("tbody").append(...rows.map((row) => line(row, figures, dense)));
  if (!dense) section.querySelector("table").classList.add("alone");
}

function line([title, field, show, compare], figures, dense) {
  const row = document.createElement("tr");
  row.append(cell("th", title));
  row.firstChild.scope = "row";
  row.append(cell("td", dense ? show(dense[field]) : ""), cell("td", show(figures[field])));
  const last = cell("td", dense ? compare(dense[field], figures[field]) : "");
  if (dense && compare === change) last.append(remaining(figures[field] / dense[field]));
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
