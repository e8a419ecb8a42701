// A canvas to draw on, and the drawing as a picture like those of the training data.

// Of the longest side of MNIST's 28 pixels, 20 are ink.  The small scans of 8 x 8 pixels have
// no margin.
const MNIST_INK = 20 / 28;
const SMALL = 20;

// Of the canvas: once it is cut out, a drawing that takes two thirds of the canvas has strokes
// of 2 to 3 of MNIST's pixels, and of 2 pixels in the small scans, as theirs are.
const PEN = 1 / 12;
const SMALL_PEN = 1 / 6;

/**
 * White strokes on black, by mouse, finger or pen.
 *
 * @param canvas to draw on.
 * @param shape (channels, height, width) of the model's images.
 * @param begun is called before each stroke.
 * @param drawn is called after each stroke.
 */
export function makeDrawable(canvas, shape, { begun, drawn }) {
  const pen = canvas.width * (isSmall(shape) ? SMALL_PEN : PEN);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let last = null;

  function point(event) {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  }

  function line(from, to) {
    context.strokeStyle = "white";
    context.lineWidth = pen;
    context.lineCap = "round";
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...to);
    context.stroke();
  }

  // A line to where it began draws nothing.
  function dot([x, y]) {
    context.fillStyle = "white";
    context.beginPath();
    context.arc(x, y, pen / 2, 0, 2 * Math.PI);
    context.fill();
  }

  function end(event) {
    if (!event.isPrimary) return;
    if (last) drawn();
    last = null;
  }

  canvas.addEventListener("pointerdown", (event) => {
    // A second finger would drag the line to and fro between the two.
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    begun();
    last = point(event);
    dot(last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last || !event.isPrimary) return;
    for (const moved of event.getCoalescedEvents?.() ?? [event]) {
      const next = point(moved);
      line(last, next);
      last = next;
    }
  });
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
  clear(canvas);
}

/** Begin anew. */
export function clear(canvas) {
  const context = canvas.getContext("2d");
  context.fillStyle = "black";
  context.fillRect(0, 0, canvas.width, canvas.height);
}

/**
 * The drawing cut out, enlarged and centred as MNIST's digits are: its longest side takes a
 * fixed share of the frame, and its centre of mass is in the middle.  Models of small images
 * get it as large as the frame.
 *
 * @param canvas what was drawn, white on black.
 * @param shape (channels, height, width) of the model's images.
 * @returns a canvas some times the size of the model's images, which the server reduces; null
 *     where nothing is drawn.
 */
export function framed(canvas, shape) {
  const [, height, width] = shape;
  const ink = inkOf(canvas);
  if (!ink) return null;
  const frame = document.createElement("canvas");
  const times = Math.max(1, Math.round(canvas.width / Math.max(height, width)));
  [frame.width, frame.height] = [width * times, height * times];
  const scale = (Math.min(frame.width, frame.height) * (isSmall(shape) ? 1 : MNIST_INK))
    / Math.max(ink.width, ink.height);
  const centre = isSmall(shape) ? [ink.width / 2, ink.height / 2] : ink.mass;
  const context = frame.getContext("2d");
  context.fillStyle = "black";
  context.fillRect(0, 0, frame.width, frame.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(
    canvas, ink.left, ink.top, ink.width, ink.height,
    frame.width / 2 - centre[0] * scale, frame.height / 2 - centre[1] * scale,
    ink.width * scale, ink.height * scale,
  );
  return frame;
}

function isSmall([, height, width]) {
  return Math.min(height, width) < SMALL;
}

/** The box around what is drawn, and its centre of mass within the box. */
function inkOf(canvas) {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  let [left, top, right, bottom] = [width, height, 0, 0];
  let [total, x, y] = [0, 0, 0];
  for (let at = 0; at < width * height; at += 1) {
    const level = data[4 * at];
    if (level) {
      const [column, row] = [at % width, Math.floor(at / width)];
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row + 1);
      total += level;
      x += level * (column + 0.5);
      y += level * (row + 0.5);
    }
  }
  if (!total) return null;
  const mass = [x / total - left, y / total - top];
  return { left, top, width: right - left, height: bottom - top, mass };
}
