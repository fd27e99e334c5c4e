// Bars: initial (pale) and increase (full), which end at the peak. Always linear: on a logarithmic axis lengths would lie.

/** "73.0 MB" at the end of each bar; with initial and increase where there is room. Whiskers from the lowest to the highest peak of several runs. */
const barLabels = {
  id: "barLabels",
  afterDatasetsDraw(chart) {
    const {ctx, chartArea, scales} = chart;
    const rows = chart.options.rows;
    ctx.save();
    ctx.font = `12px ${FONT}`;
    ctx.textBaseline = "middle";
    rows.forEach((row, i) => {
      const y = scales.y.getPixelForValue(i);
      const end = scales.x.getPixelForValue(row.peak / chart.options.unit);
      ctx.fillStyle = colour("ink");
      ctx.fillRect(end - 1.5, y - 12, 3, 24);
      if (row.highest > row.lowest) {
        const [low, high] = [row.lowest, row.highest].map(value => scales.x.getPixelForValue(value / chart.options.unit));
        ctx.fillRect(low, y - 0.5, high - low, 1);
        ctx.fillRect(low - 0.5, y - 5, 1, 10);
        ctx.fillRect(high - 0.5, y - 5, 1, 10);
      }
      const from = Math.max(end, scales.x.getPixelForValue(row.highest / chart.options.unit)) + 8;
      ctx.font = `600 12px ${FONT}`;
      ctx.fillStyle = colour("ink");
      const peak = bytesText(row.peak);
      ctx.fillText(peak, from, chart.options.spelledOut ? y - 7 : y);
      if (chart.options.spelledOut) {
        ctx.font = `11px ${FONT}`;
        ctx.fillStyle = colour("quiet");
        ctx.fillText(`${bytesText(row.initial)} + ${bytesText(row.increase)}`, from, y + 8);
      }
    });
    ctx.restore();
  },
};

/** One row a method: the run with the middle peak of its repeats. */
function barRows(runs) {
  const rows = [];
  for (let method = 0; method < data.methods.length; ++method) {
    const own = runs.filter(run => run.method === method && run.peak !== null && run.initial !== null).sort((a, b) => a.peak - b.peak);
    if (!own.length) continue;
    const middle = own[Math.floor((own.length - 1) / 2)];
    rows.push({method, name: data.methods[method], initial: Math.min(middle.initial, middle.peak), peak: middle.peak, increase: Math.max(middle.peak - middle.initial, 0),
      lowest: own[0].peak, highest: own[own.length - 1].peak, count: own.length});
  }
  return rows;
}

/** Draws the bars of `runs`; the axis ends at `top` bytes. The canvas becomes as high as its bars need. */
function drawBars(canvas, runs, top) {
  const rows = barRows(runs);
  const width = canvas.parentElement.clientWidth;
  canvas.parentElement.style.height = 44 * Math.max(rows.length, 1) + 46 + "px";
  const longest = width < 480 ? 14 : width < 800 ? 22 : 40;  // characters of a name
  const options = commonOptions();
  options.indexAxis = "y";
  options.rows = rows;
  const unit = unitOf(top);
  options.unit = unit.size;
  options.spelledOut = width > 420;
  options.layout = {padding: {right: options.spelledOut ? 128 : 62, top: 2}};
  options.interaction = {mode: "index", axis: "y", intersect: false};
  options.parsing = true;
  options.normalized = false;
  Object.assign(options.plugins.tooltip, {
    usePointStyle: false,
    callbacks: {
      title: items => items.length ? shortened(rows[items[0].dataIndex].name, 40) : "",
      label: item => ` ${item.dataset.label}: ${bytesText(item.raw * unit.size)}`,
      footer: items => {
        if (!items.length) return "";
        const row = rows[items[0].dataIndex];
        return `peak: ${bytesText(row.peak)}` + (row.count > 1 ? ` (middle of ${row.count} runs: ${bytesText(row.lowest)} to ${bytesText(row.highest)})` : "");
      },
    },
    footerColor: colour("paper"),
  });
  options.scales = {
    x: axis("", {stacked: true, min: 0, max: top / unit.size, ticks: {maxTicksLimit: width < 480 ? 4 : 7, maxRotation: 0, includeBounds: false, callback: value => value.toLocaleString("en") + unit.name}}),
    y: axis("", {stacked: true, grid: {display: false, borderColor: colour("line")},
      ticks: {color: colour("ink"), autoSkip: false, font: {family: FONT, size: width < 480 ? 11 : 12}, callback: index => shortened(rows[index].name, longest)}}),
  };
  const looks = rows.map(row => lookOf(row.method));
  return new Chart(canvas, {
    type: "bar",
    data: {
      labels: rows.map(row => row.name),
      datasets: [
        {label: "initial", data: rows.map(row => row.initial / unit.size), backgroundColor: looks.map(look => pale(look.colour, 0.38)), barThickness: 20},
        {label: "increase", data: rows.map(row => row.increase / unit.size), backgroundColor: looks.map(look => look.colour), barThickness: 20},
      ],
    },
    options,
    plugins: [barLabels],
  });
}
