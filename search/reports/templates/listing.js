"use strict";

// A long table that its reader sorts, filters and turns over. The rows are in the page as JSON;
// without this script the first of them stand in the table.
const collator = new Intl.Collator("en", { numeric: true });

function listing(box) {
  const { columns, marked, lines } = JSON.parse(box.querySelector("script").textContent);
  const [table, tools] = [box.querySelector("table"), box.querySelector(".tools")];
  const [filter, place] = [tools.querySelector("input"), tools.querySelector(".place")];
  const all = columns[0].cells.map((_, row) => row);
  const words = all.map((row) => columns.map(({ cells }) => cells[row]).join(" ").toLowerCase());
  let [rows, first, sorted, sign] = [all, 0, null, 1];

  function compare(one, other) {
    const { cells, values } = columns[sorted];
    if (!values) return sign * collator.compare(cells[one], cells[other]);
    if (values[one] === null || values[other] === null)
      return (values[one] === null) - (values[other] === null);
    return sign * (values[one] - values[other]);
  }

  function line(row) {
    const line = document.createElement("tr");
    line.className = row === marked ? "marked" : "";
    line.append(...columns.map(({ cells, values }, place) => {
      const cell = document.createElement(place ? "td" : "th");
      cell.className = place && !values ? "words" : "";
      cell.textContent = cells[row];
      return cell;
    }));
    line.firstChild.scope = "row";
    return line;
  }

  function show() {
    const last = Math.min(first + lines, rows.length);
    table.tBodies[0].replaceChildren(...rows.slice(first, last).map(line));
    const [from, to, count] = [first + 1, last, rows.length].map((n) => n.toLocaleString("en"));
    place.textContent = rows.length ? `${from} to ${to} of ${count}` : "no row holds these words";
    for (const button of tools.querySelectorAll("button")) {
      const start = first + lines * button.dataset.step;
      button.disabled = start < 0 || start >= rows.length;
    }
  }

  function choose() {
    const asked = filter.value.toLowerCase().split(/\s+/);
    rows = all.filter((row) => asked.every((word) => words[row].includes(word)));
    if (sorted !== null) rows.sort(compare);
    first = 0;
    show();
  }

  function sortBy(column, head) {
    // The greatest figures first, but words from A to Z.
    const usual = columns[column].values ? -1 : 1;
    sign = sorted === column ? -sign : usual;
    sorted = column;
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
    choose();
  }

  columns.forEach(({ title, values }, column) => {
    const [head, button] = [table.tHead.rows[0].cells[column], document.createElement("button")];
    head.className = column && !values ? "words" : "";
    button.type = "button";
    button.textContent = title;
    button.addEventListener("click", () => sortBy(column, head));
    head.replaceChildren(button);
  });
  filter.addEventListener("input", choose);
  for (const button of tools.querySelectorAll("button"))
    button.addEventListener("click", () => { first += lines * button.dataset.step; show(); });
  tools.hidden = false;
  show();
}

document.querySelectorAll(".listing").forEach(listing);
