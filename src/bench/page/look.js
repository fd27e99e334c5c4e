"use strict";
// Data, colours, and numbers as text: what all drawings share.

const data = JSON.parse(document.getElementById("data").textContent);
const root = document.documentElement;

/** Reads a colour of style.css, such as "ink"; asked anew for each drawing, since the scheme may change. */
function colour(name) {
  return getComputedStyle(root).getPropertyValue("--" + name).trim();
}

/** "#rrggbb" with an opacity. */
function pale(hex, opacity) {
  const byte = at => parseInt(hex.slice(at, at + 2), 16);
  return `rgba(${byte(1)}, ${byte(3)}, ${byte(5)}, ${opacity})`;
}

const SHAPES = ["circle", "triangle", "rect", "rectRot", "star", "crossRot"];
const DASHES = [[], [9, 4], [2, 3], [12, 4, 2, 4]];

/** Colour, mark and dash of a method: the colour repeats after eight methods, and then the line is dashed. */
function lookOf(method) {
  return {colour: colour("c" + (method % 8 + 1)), shape: SHAPES[method % SHAPES.length], dash: DASHES[Math.floor(method / 8) % DASHES.length]};
}

const KB = 1024, MB = 1024 * KB, GB = 1024 * MB;

/** "73.0 MB", "1,717 MB", "12.3 GB" from 10 GB on: as in the tables. */
function bytesText(bytes) {
  if (bytes >= 10 * GB) return (bytes / GB).toFixed(1) + " GB";
  if (bytes >= MB) return (bytes / MB).toLocaleString("en", {minimumFractionDigits: bytes < 99.95 * MB ? 1 : 0, maximumFractionDigits: bytes < 99.95 * MB ? 1 : 0}) + " MB";
  if (bytes >= KB) return (bytes / KB).toFixed(0) + " kB";
  return bytes.toFixed(0) + " B";
}

/** The unit of an axis that ends at `top` bytes; values on it are multiples of the unit, so that ticks are round. */
function unitOf(top, logarithmic) {
  return top >= 10 * GB && !logarithmic ? {size: GB, name: " GB"} : {size: MB, name: " MB"};
}

function secondsText(seconds) {
  return seconds.toFixed(seconds < 1 ? 3 : seconds < 100 ? 2 : 1) + " s";
}

/** At most `length` characters. */
function shortened(text, length) {
  const letters = Array.from(text);
  return letters.length <= length ? text : letters.slice(0, length - 1).join("") + "…";
}

const has = isolation => data.runs.some(run => run.isolation === isolation);

/** The runs that a drawing of methods beside each other shows: in own processes, or else whatever there is. */
function ownRuns() {
  const own = data.runs.filter(run => run.isolation !== "shared");
  return own.length ? own : data.runs;
}

/** Where the run's peak stands: when the samples were highest, at the figure that the table gives. */
function peakOf(run) {
  let at = 0;
  for (let i = 1; i < run.resident.length; ++i)
    if (run.resident[i] > run.resident[at]) at = i;
  return {x: run.seconds[at] ?? 0, y: run.peak ?? run.resident[at] ?? 0};
}

/** The most that a drawing of the runs must have room for, in bytes. */
function topOf(runs, counter) {
  return runs.reduce((top, run) => Math.max(top, counter === "resident" ? peakOf(run).y : 0, ...run[counter]), 1);
}

/** Seconds on the time axis: the samples may go on a little after the method. */
function lengthOf(run) {
  return Math.max(run.length ?? 0, run.seconds[run.seconds.length - 1] ?? 0) || 1;
}

const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

/** Options of every chart. */
function commonOptions() {
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    normalized: true,
    parsing: false,
    devicePixelRatio: root.dataset.printing ? 2 : undefined,
    font: {family: FONT, size: 12},
    color: colour("ink"),
    plugins: {
      legend: {display: false},
      tooltip: {
        backgroundColor: colour("ink"), titleColor: colour("paper"), bodyColor: colour("paper"), borderColor: colour("paper"), borderWidth: 1,
        padding: 9, boxPadding: 5, usePointStyle: true, titleFont: {family: FONT}, bodyFont: {family: FONT},
      },
    },
  };
}

/** An axis in our colours; `more` is merged into it. */
function axis(title, more) {
  return Object.assign({
    title: {display: Boolean(title), text: title, color: colour("quiet"), font: {family: FONT, size: 12}},
    grid: {color: colour("grid"), borderColor: colour("line"), drawTicks: false},
    border: {color: colour("line")},
  }, more, {ticks: Object.assign({color: colour("quiet"), font: {family: FONT, size: 12}, padding: 6}, more.ticks)});
}

/** Text that stays readable on curves. */
function haloText(context, text, x, y) {
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeStyle = colour("paper");
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}
