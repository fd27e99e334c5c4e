// Curves of memory over time: all methods from their own start, or one after another.

/** Tooltip: of each curve the last sample at or before the pointer. */
Chart.Interaction.modes.atTime = function (chart, event) {
  const time = chart.scales.x.getValueForPixel(event.x);
  const items = [];
  for (const meta of chart.getSortedVisibleDatasetMetas()) {
    const points = chart.data.datasets[meta.index].data;
    if (!chart.data.datasets[meta.index].run || !points.length || time < points[0].x || time > points[points.length - 1].x) continue;
    let low = 0, high = points.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (points[middle].x <= time) low = middle; else high = middle - 1;
    }
    items.push({element: meta.data[low], datasetIndex: meta.index, index: low});
  }
  return items;
};

/** A line down from the pointer. */
const pointerLine = {
  id: "pointerLine",
  afterDatasetsDraw(chart) {
    const active = chart.tooltip && chart.tooltip.getActiveElements();
    if (!active || !active.length) return;
    const {ctx, chartArea} = chart;
    ctx.save();
    ctx.strokeStyle = colour("quiet");
    ctx.lineWidth = 1;
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(active[0].element.x, chartArea.top);
    ctx.lineTo(active[0].element.x, chartArea.bottom);
    ctx.stroke();
    ctx.restore();
  },
};

/** Each peak's figure beside its mark, where no other one stands; with the method's name where there is room. */
const peakLabels = {
  id: "peakLabels",
  afterDatasetsDraw(chart) {
    const {ctx, chartArea} = chart;
    const marks = chart.getSortedVisibleDatasetMetas().filter(meta => chart.data.datasets[meta.index].mark);
    const named = chartArea.right - chartArea.left > 560 && marks.length < 7;
    const taken = [];
    ctx.save();
    ctx.font = `600 12px ${FONT}`;
    ctx.textBaseline = "middle";
    for (const meta of marks) taken.push({x: meta.data[0].x - 6, y: meta.data[0].y - 6, w: 12, h: 12});
    for (const meta of marks) {
      const dataset = chart.data.datasets[meta.index];
      const {x, y} = meta.data[0];
      const text = (named ? shortened(dataset.mark.name, 24) + "  " : "") + bytesText(dataset.mark.bytes);
      const w = ctx.measureText(text).width, h = 15;
      const places = [];
      for (const dy of [-14, 14, -29, 29, -44, 44, -59, 59]) places.push([x + 9, y + dy], [x - 9 - w, y + dy], [x - w / 2, y + dy]);
      const free = ([left, middle]) => {
        const box = {x: left, y: middle - h / 2, w, h};
        return left >= chartArea.left && left + w <= chartArea.right && box.y >= chartArea.top - 16 && box.y + h <= chartArea.bottom &&
          taken.every(t => box.x > t.x + t.w || t.x > box.x + w || box.y > t.y + t.h || t.y > box.y + h);
      };
      const place = places.find(free);
      if (!place) continue;
      taken.push({x: place[0], y: place[1] - h / 2, w, h});
      ctx.fillStyle = dataset.borderColor;
      haloText(ctx, text, place[0], place[1]);
    }
    ctx.restore();
  },
};

/** Curve and mark of one run. `begin`: where on the time axis it starts. */
function curveOf(run, view, begin, filled) {
  const look = lookOf(run.method);
  const values = run[view.counter];
  const length = lengthOf(run);
  const unit = unitOf(view.top, view.scale === "logarithmic").size;
  const place = seconds => view.time === "share" ? seconds / length * 100 : begin + seconds;
  const floor = view.scale === "logarithmic" ? view.least : 0;
  const again = run.repeat > 1;
  const datasets = [{
    run, label: run.name, data: run.seconds.map((seconds, i) => ({x: place(seconds), y: Math.max(values[i], floor) / unit})),
    borderColor: again ? pale(look.colour, 0.45) : look.colour, backgroundColor: pale(look.colour, 0.16), borderWidth: again ? 1.2 : 2.2, borderDash: look.dash,
    borderJoinStyle: "round", pointRadius: 0, pointHoverRadius: 4, pointHoverBackgroundColor: look.colour, pointStyle: look.shape, fill: filled ? "origin" : false, order: 2,
  }];
  if (view.counter === "resident" && !again) {
    const peak = peakOf(run);
    datasets.push({
      mark: {name: data.methods[run.method], bytes: peak.y}, label: run.name, data: [{x: place(peak.x), y: Math.max(peak.y, floor) / unit}], showLine: false, borderColor: look.colour,
      backgroundColor: ["star", "crossRot"].includes(look.shape) ? look.colour : colour("paper"), borderWidth: 2.2, pointStyle: look.shape, pointRadius: 6, clip: false, order: 1,
    });
  }
  return datasets;
}

/** 1, 2 or 5 times a power of ten, at or below `value`. */
function roundedDown(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [5, 2, 1].map(step => step * power).find(step => step <= value) ?? power;
}

/** 1, 2 or 5 times a power of ten, at or above `value`. */
function roundedUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map(step => step * power).find(step => step >= value) ?? value;
}

function timeTooltip(share, unit) {
  return {
    callbacks: {
      title: items => items.length ? (share ? items[0].parsed.x.toFixed(1) + " % of the run" : secondsText(items[0].parsed.x)) : "",
      label: item => " " + shortened(item.dataset.label, 30) + ": " + bytesText(item.parsed.y * unit),
      labelPointStyle: item => ({pointStyle: item.dataset.pointStyle, rotation: 0}),
      labelColor: item => ({borderColor: item.dataset.borderColor, backgroundColor: item.dataset.pointHoverBackgroundColor}),
    },
    itemSort: (a, b) => b.parsed.y - a.parsed.y,
  };
}

/**
 * Draws runs on one pair of axes and returns the chart. `view`: {scale, time, counter, top (bytes), least (bytes)}. `consecutive`: each run begins where the
 * one before it ended; `end`: the time axis then ends there.
 */
function drawCurves(canvas, runs, view, {consecutive = false, end} = {}) {
  let begin = 0;
  const datasets = [];
  for (const run of runs) {
    datasets.push(...curveOf(run, view, begin, consecutive && view.scale === "linear"));
    if (consecutive) begin += lengthOf(run);
  }
  const narrow = canvas.parentElement.clientWidth < 480;
  const logarithmic = view.scale === "logarithmic";
  const unit = unitOf(view.top, logarithmic);
  const tick = value => logarithmic && roundedDown(value * 1.001) < value * 0.999 ? null : parseFloat(value.toPrecision(4)).toLocaleString("en") + unit.name;
  const share = view.time === "share";
  const options = commonOptions();
  options.layout = {padding: {top: 16, right: 10}};
  options.interaction = {mode: "atTime", intersect: false};
  Object.assign(options.plugins.tooltip, timeTooltip(share, unit.size));
  options.scales = {
    x: axis(share ? "share of each run" : consecutive ? "seconds since the first method's start" : "seconds since the start", {
      type: "linear", min: 0, max: share ? 100 : end, ticks: {includeBounds: false, maxTicksLimit: narrow ? 5 : 9, maxRotation: 0, callback: value => share ? value + " %" : value.toLocaleString("en")},
    }),
    y: axis(narrow || consecutive ? "" : {resident: "resident memory", anonymous: "anonymous memory", file: "file pages"}[view.counter] + (logarithmic ? " (logarithmic)" : ""), {
      type: view.scale, min: logarithmic ? view.least / unit.size : 0, [logarithmic ? "max" : "suggestedMax"]: logarithmic ? roundedUp(view.top / unit.size * 1.1) : view.top / unit.size * 1.04,
      ticks: {maxTicksLimit: 7, callback: tick},
    }),
  };
  if (logarithmic) options.scales.y.ticks.maxTicksLimit = 40;
  return new Chart(canvas, {type: "line", data: {datasets}, options, plugins: [pointerLine, peakLabels]});
}
