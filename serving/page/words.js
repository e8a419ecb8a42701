// Numbers as people read them.

// No line ends between a number and its unit.
const SPACE = "\u00a0";

/** A share in [0, 1]: 0.9861 is 98.61 %. */
export function percent(share, digits = 2) {
  return `${(share * 100).toFixed(digits)}${SPACE}%`;
}

/** 6070000 is 6.07 M. */
export function count(number) {
  return scaled(number, "", [["G", 1e9], ["M", 1e6], ["k", 1e3]]);
}

/** Bytes: 262000 is 262 kB. */
export function size(bytes) {
  return scaled(bytes, "bytes", [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]);
}

/** Milliseconds, with as many digits as are worth reading. */
export function time(ms) {
  return `${digits(ms, 2)}${SPACE}ms`;
}

/** How long ago a moment was, in seconds since 1970: 3 min. */
export function ago(moment) {
  const seconds = Math.max(0, Date.now() / 1000 - moment);
  for (const [unit, of] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (seconds >= of) return `${Math.floor(seconds / of)}${SPACE}${unit}`;
  }
  return `${Math.floor(seconds)}${SPACE}s`;
}

/** A moment, in seconds since 1970, as this machine's clock tells it. */
export function moment(seconds) {
  return new Date(seconds * 1000).toLocaleString();
}

/** Hours: 12.34 are 12.3 h. */
export function hours(number) {
  return `${Number(digits(number, 3))}${SPACE}h`;
}

/** A distance to real images, 0 at best. */
export function distance(number) {
  return digits(number, 3);
}

/** How many times as large a number became: from 2 to 3 is × 1.50. */
export function times(from, to) {
  return `×${SPACE}${(to / from).toFixed(2)}`;
}

/** How a number changed, in percent: from 4 to 1 is −75 %. */
export function change(from, to) {
  return `${signed((to / from - 1) * 100, 0)}${SPACE}%`;
}

/** How a share changed, in percentage points. */
export function points(from, to) {
  return `${signed((to - from) * 100, 2)}${SPACE}pt`;
}

function scaled(number, plain, units) {
  for (const [unit, of] of units) {
    // What three digits round up to a thousand has the next unit: 999,600 is 1.00 M.
    if (number >= 0.9995 * of) return `${digits(number / of, 3)}${SPACE}${unit}`;
  }
  return plain ? `${number}${SPACE}${plain}` : `${number}`;
}

/** With so many digits, and all of a larger whole; toPrecision alone would write 1.0e+2. */
function digits(number, most) {
  const text = number.toPrecision(most);
  return text.includes("e+") ? number.toFixed(0) : text;
}

function signed(number, digits) {
  const text = Math.abs(number).toFixed(digits);
  if (Number(text) === 0) return `±${text}`;
  return `${number < 0 ? "−" : "+"}${text}`;
}
