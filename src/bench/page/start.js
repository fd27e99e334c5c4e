// Draws the page, and draws it anew when something changes: controls, colour scheme, width, paper.

const view = {scale: "linear", time: "seconds", counter: "resident", hidden: new Set()};
let charts = [];

const element = id => document.getElementById(id);

/** Says to screen readers what a drawing shows. */
function describe(canvas, what, runs) {
  canvas.setAttribute("aria-label", `${what}: ` + barRows(runs).map(row =>
    `${row.name}: initial ${bytesText(row.initial)}, peak ${bytesText(row.peak)}, increase ${bytesText(row.increase)}`).join("; "));
}

/** Where a logarithmic axis may begin: below nine tenths of the samples, and not far below the start: a process that is just being loaded has next to nothing. */
function usualLeast(run) {
  const positive = run[view.counter].filter(value => value > 0).sort((a, b) => a - b);
  const start = view.counter === "resident" ? (run.initial ?? 0) / 2 : 0;
  return positive.length ? roundedDown(Math.max(positive[Math.floor(positive.length / 10)], start) / MB) * MB : Infinity;
}

function drawOverTime() {
  const all = ownRuns().filter(run => run.seconds.length);
  const shown = all.filter(run => !view.hidden.has(run.method));
  const runs = shown.length ? shown : all;
  const top = topOf(runs, view.counter);
  const least = runs.reduce((lowest, run) => Math.min(lowest, usualLeast(run)), top);
  // What shared one process is drawn as it ran: one after another.
  charts.push(drawCurves(element("curves"), shown, {...view, top, least}, {consecutive: ownRuns() === data.runs && has("shared") && view.time === "seconds"}));
  describe(element("curves"), "Memory over time", runs);
}

function drawBeside() {
  if (!has("process") || !has("shared")) return;
  const first = isolation => data.runs.filter(run => run.isolation === isolation && run.repeat === 1);
  const own = first("process"), shared = first("shared");
  const plain = {scale: "linear", time: "seconds", counter: "resident", top: topOf([...own, ...shared], "resident"), least: 1};
  const drawn = runs => runs.filter(run => run.seconds.length);
  const length = runs => drawn(runs).reduce((sum, run) => sum + lengthOf(run), 0);
  const end = Math.max(length(own), length(shared));
  charts.push(drawCurves(element("strip-process"), drawn(own), plain, {consecutive: true, end}));
  charts.push(drawCurves(element("strip-shared"), drawn(shared), plain, {consecutive: true, end}));
  charts.push(drawBars(element("bars-process"), own, plain.top));
  charts.push(drawBars(element("bars-shared"), shared, plain.top));
  describe(element("strip-process"), "Each in its own process", own);
  describe(element("strip-shared"), "All in one process", shared);
  describe(element("bars-process"), "Each in its own process", own);
  describe(element("bars-shared"), "All in one process", shared);
}

/** The names of the methods with colour, mark and peak; each hides or shows its curves. */
function drawNames() {
  const names = document.querySelector(".names");
  names.replaceChildren();
  for (const row of barRows(ownRuns())) {
    const look = lookOf(row.method);
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", String(!view.hidden.has(row.method)));
    const canvas = document.createElement("canvas");
    canvas.width = 52;
    canvas.height = 24;
    canvas.style.cssText = "width:26px;height:12px";
    canvas.setAttribute("aria-hidden", "true");
    const context = canvas.getContext("2d");
    context.scale(2, 2);
    context.strokeStyle = look.colour;
    context.lineWidth = 2.2;
    context.setLineDash(look.dash);
    context.beginPath();
    context.moveTo(0, 6);
    context.lineTo(26, 6);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colour("paper");
    Chart.helpers.drawPoint(context, {pointStyle: look.shape, radius: 4.5, borderWidth: 2}, 13, 6);
    const name = document.createElement("bdi");
    name.textContent = row.name;
    const peak = document.createElement("b");
    peak.textContent = bytesText(row.peak);
    button.append(canvas, name, peak);
    button.addEventListener("click", () => {
      if (!view.hidden.delete(row.method)) view.hidden.add(row.method);
      button.setAttribute("aria-pressed", String(!view.hidden.has(row.method)));
      draw();
    });
    names.append(button);
  }
}

function draw() {
  for (const chart of charts) chart.destroy();
  charts = [];
  drawOverTime();
  charts.push(drawBars(element("peaks"), ownRuns(), topOf(ownRuns(), "resident")));
  describe(element("peaks"), "Initial, peak and increase", ownRuns());
  drawBeside();
}

function drawAll() {
  drawNames();
  draw();
}

/** 60 MB beside 12 GB: a linear axis would hide the first. */
function chooseScale() {
  const peaks = barRows(ownRuns()).map(row => row.peak);
  if (peaks.length && Math.max(...peaks) > 20 * Math.min(...peaks)) {
    view.scale = "logarithmic";
    document.querySelector('input[name="scale"][value="logarithmic"]').checked = true;
  }
}

document.querySelector(".controls").addEventListener("change", event => {
  view[event.target.name] = event.target.value;
  draw();
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;  // a phone's address bar changes the height alone
  width = innerWidth;
  if (!root.dataset.printing) draw();
});
addEventListener("beforeprint", () => {
  root.dataset.scheme = "light";
  root.dataset.printing = "yes";
  drawAll();
});
addEventListener("afterprint", () => {
  delete root.dataset.scheme;
  delete root.dataset.printing;
  drawAll();
});
if (data.runs.length) {
  chooseScale();
  drawAll();
}
