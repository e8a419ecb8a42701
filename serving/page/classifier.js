// The panel of a classifier: draw or give a picture, see the answer.

import { classify, newest } from "./api.js";
import { clear, framed, makeDrawable } from "./drawing.js";
import { percent, time } from "./words.js";

const TOP = 5;

/**
 * Fill `section` with the panel.
 *
 * @param report is told of errors, and with null that all is well.
 * @returns what takes a picture file that was dropped or pasted.
 */
export function showClassifier(section, model, report) {
  section.replaceChildren(document.getElementById("classifier").content.cloneNode(true));
  const find = (name) => section.querySelector(name);
  const paper = find(".paper canvas");
  const file = find("input[type=file]");
  // Whoever draws draws in white on black, and a model of colours was not trained on that.
  find(".input").classList.toggle("files-only", model.image_shape[0] !== 1);

  // Goes up whenever the paper is cleared: what is said of an earlier sheet is not shown.
  let sheet = 0;

  const send = newest(async (picture, seen, from) => {
    try {
      const { answer, ms } = await classify(model.name, picture);
      if (from !== sheet) return;
      report(null);
      showAnswer(section, model, answer, ms);
      showSeen(find(".seen"), seen, model.image_shape);
    } catch (error) {
      if (from === sheet) report(error);
    }
  });

  function reset() {
    sheet += 1;
    clear(paper);
    find(".hint").hidden = false;
    find(".result").hidden = true;
    find(".waiting").hidden = false;
    report(null);
  }

  async function take(picture) {
    if (!picture) return;
    reset();
    const from = sheet;
    const seen = await createImageBitmap(picture).catch(() => null);
    if (from === sheet) send(picture, seen, from);
  }

  makeDrawable(paper, model.image_shape, {
    begun: () => { find(".hint").hidden = true; },
    drawn: () => {
      const [frame, from] = [framed(paper, model.image_shape), sheet];
      frame?.toBlob((picture) => { if (from === sheet) send(picture, frame, from); }, "image/png");
    },
  });
  find(".clear").addEventListener("click", reset);
  file.addEventListener("change", () => {
    take(file.files[0]);
    file.value = ""; // the same file can be chosen again
  });
  return take;
}

function showAnswer(section, model, answer, ms) {
  const find = (name) => section.querySelector(name);
  find(".waiting").hidden = true;
  find(".result").hidden = false;
  find(".label").textContent = answer.label;
  find(".sure").textContent = percent(answer.probabilities[answer.label], 1);
  find(".time").textContent = `Version ${answer.version} answered in ${time(ms)}, the way there and back included.`;
  // In the order of the labels: an object of digits would put them in its own.
  const shares = model.labels.map((label) => [label, answer.probabilities[label]]);
  const best = shares.sort((a, b) => b[1] - a[1]).slice(0, TOP);
  find(".bars").replaceChildren(...best.map(bar));
}

function bar([label, share]) {
  const made = document.getElementById("bar").content.cloneNode(true);
  made.querySelector(".of").textContent = label;
  made.querySelector(".fill").style.width = `${share * 100}%`;
  made.querySelector(".share").textContent = percent(share, 1);
  return made;
}

/** The picture in as many pixels as the model takes; hidden where the browser cannot read it. */
function showSeen(canvas, picture, [channels, height, width]) {
  canvas.hidden = !picture;
  if (!picture) return;
  [canvas.width, canvas.height] = [width, height];
  canvas.setAttribute("aria-label", `The picture in the model's ${width} × ${height} pixels`);
  canvas.title = `The picture in the model's ${width} × ${height} pixels`;
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.filter = channels === 1 ? "grayscale(1)" : "none";
  context.drawImage(picture, 0, 0, width, height);
}
