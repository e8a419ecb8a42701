// The panel of a generator: a number, a seed, and the images that it makes of them.

import { generate, newest } from "./api.js";
import { time } from "./words.js";

/** Fill `section` with the panel; `report` is told of errors, and with null that all is well. */
export function showGenerator(section, model, report) {
  section.replaceChildren(document.getElementById("generator").content.cloneNode(true));
  const find = (name) => section.querySelector(name);
  const [count, seed, images] = [find("#count"), find("#seed"), find(".images")];

  const make = newest(async (number, wanted) => {
    try {
      const { answer, ms } = await generate(model.name, number, wanted);
      report(null);
      showImages(images, answer);
      find(".time").textContent = `Version ${answer.version} made ${amount(answer.images.length)} of seed ${answer.seed} in ${time(ms)}.`;
    } catch (error) {
      report(error);
    }
  });

  function ask() {
    find("output").textContent = count.value;
    if (find("form").reportValidity()) make(count.valueAsNumber, seed.valueAsNumber);
  }

  find("form").addEventListener("submit", (event) => event.preventDefault());
  count.addEventListener("input", ask);
  seed.addEventListener("input", ask);
  find(".another").addEventListener("click", () => {
    seed.value = crypto.getRandomValues(new Uint16Array(1))[0];
    ask();
  });
  ask();
}

function showImages(list, answer) {
  for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
  list.replaceChildren(...answer.images.map((content, index) => {
    const image = new Image();
    image.src = URL.createObjectURL(png(content));
    image.alt = `Image ${index + 1} of seed ${answer.seed}`;
    const item = document.createElement("li");
    item.append(image);
    return item;
  }));
}

function png(content) {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

function amount(number) {
  return number === 1 ? "one image" : `${number} images`;
}
