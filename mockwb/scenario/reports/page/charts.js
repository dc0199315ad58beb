"use strict";
// Draws the charts from the data that the page carries. Each curve says by which scale it was
// drawn (data-x, data-y of its chart), so that its points can be read back.
(() => {
  const data = JSON.parse(document.getElementById("report-data").textContent);
  const SVG = "http://www.w3.org/2000/svg";
  const WIDTH = 560, HEIGHT = 236;
  const LEFT = 52, RIGHT = 12, TOP = 26, BOTTOM = 38;
  const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

  const samples = data.series;
  const times = samples.map((sample) => sample.at);
  const end = Math.max(data.seconds, ...times, 0.001);

  function element(parent, name, attributes = {}, text = null) {
    const made = document.createElementNS(parent.namespaceURI, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== null) made.textContent = text;
    parent.append(made);
    return made;
  }

  const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

  function number(value) {
    if (Math.abs(value) >= 10000) return compact.format(value);
    if (value === 0 || Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
    return String(Number(value.toPrecision(3)));
  }

  function clock(seconds) {
    const whole = Math.round(seconds);
    const pad = (part) => String(part).padStart(2, "0");
    const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
    return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
  }

  function niceStep(range, wanted) {
    const rough = range / wanted;
    const power = 10 ** Math.floor(Math.log10(rough));
    return [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((step) => step >= rough);
  }

  function ticks(limit, step) {
    const found = [];
    for (let index = 0; index * step <= limit * 1.0001; index += 1) found.push(index * step);
    return found;
  }

  // A chart: its box, axes and scales. `x` is {max, words, axis}, `y` is {max, unit}.
  function frame(spec) {
    const figure = element(document.getElementById("charts"), "figure", { id: spec.id });
    const caption = element(figure, "figcaption", {}, spec.title);
    element(caption, "small", {}, spec.about);
    const legend = element(figure, "ul", { class: "legend" });
    const svg = document.createElementNS(SVG, "svg");
    figure.append(svg);
    const step = niceStep(spec.y.max || 1, 4);
    const top = spec.y.fixed ? spec.y.max : Math.max(step, Math.ceil((spec.y.max || 0) / step) * step);
    const x = (value) => LEFT + (value / spec.x.max) * (WIDTH - LEFT - RIGHT);
    const y = (value) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
    for (const [key, value] of Object.entries({
      class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spec.spoken,
      "data-x": `${LEFT} ${WIDTH - RIGHT} ${spec.x.max}`,
      "data-y": `${HEIGHT - BOTTOM} ${TOP} ${top}`,
    })) svg.setAttribute(key, value);
    for (const value of ticks(top, step)) {
      const at = y(value);
      element(svg, "line", { class: value ? "grid" : "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: at, y2: at });
      element(svg, "text", { x: LEFT - 8, y: at + 4, "text-anchor": "end" }, number(value));
    }
    const span = spec.x.step || STEPS.find((one) => spec.x.max / one <= 7) || spec.x.max;
    for (const value of ticks(spec.x.max, span)) {
      element(svg, "text", { x: x(value), y: HEIGHT - BOTTOM + 17, "text-anchor": "middle" }, spec.x.words(value));
    }
    element(svg, "text", { x: LEFT, y: 12 }, spec.y.unit);
    element(svg, "text", { x: WIDTH - RIGHT, y: HEIGHT - 4, "text-anchor": "end" }, spec.x.axis);
    return { figure, legend, svg, x, y };
  }

  const dashes = (one) => (one.dash ? ` dash${one.dash}` : "");

  function curve(chart, xs, one) {
    const points = one.values.map((value, index) => [xs[index], value]);
    const known = points.filter(([, value]) => value !== null);
    if (!known.length) return;
    const line = known.map(([at, value]) => `${chart.x(at).toFixed(2)} ${chart.y(value).toFixed(2)}`);
    if (one.surface) {
      const under = known.map(([at], index) => [at, one.under ? one.under[index] : 0]).reverse()
        .map(([at, value]) => `${chart.x(at).toFixed(2)} ${chart.y(value).toFixed(2)}`);
      element(chart.svg, "path", { class: `surface ${one.colour}`, d: `M${line.join("L")}L${under.join("L")}Z` });
    }
    // A line of no length is drawn if its ends are round.
    const [shape, dot] = known.length === 1 ? [" single", "h0"] : [dashes(one), ""];
    element(chart.svg, "path", { class: `curve ${one.colour}${shape}`, "data-name": one.name, d: `M${line.join("L")}${dot}` });
  }

  function legend(chart, one) {
    const item = element(chart.legend, "li");
    const swatch = document.createElementNS(SVG, "svg");
    swatch.setAttribute("viewBox", "0 0 22 10");
    swatch.setAttribute("aria-hidden", "true");
    item.append(swatch);
    element(swatch, "line", { class: `curve ${one.colour}${dashes(one)}`, x1: 1, x2: 21, y1: 5, y2: 5 });
    item.append(one.name);
  }

  function events(chart) {
    data.timeline.forEach((event, index) => {
      const at = chart.x(Math.min(event.seconds, end));
      const group = element(chart.svg, "g", { class: "event" });
      element(group, "title", {}, `${clock(event.seconds)}  ${event.text}`);
      element(group, "line", { x1: at, x2: at, y1: TOP, y2: HEIGHT - BOTTOM });
      element(group, "circle", { cx: at, cy: TOP - 4, r: 7 });
      element(group, "text", { class: "digit", x: at, y: TOP - 0.5 }, String(index + 1));
    });
  }

  function hover(chart, words) {
    let from = 0;
    times.forEach((to, index) => {
      const left = chart.x(from);
      const rect = element(chart.svg, "rect", {
        class: "over", x: left, y: TOP, width: Math.max(0.5, chart.x(to) - left), height: HEIGHT - TOP - BOTTOM,
      });
      element(rect, "title", {}, `${clock(from)} to ${clock(to)}\n${words(index)}`);
      from = to;
    });
  }

  function nothing(spec, words) {
    const figure = element(document.getElementById("charts"), "figure", { id: spec.id });
    element(element(figure, "figcaption", {}, spec.title), "small", {}, words);
  }

  // Curves over the scenario's time.
  function overTime(spec) {
    const drawn = spec.curves.filter((one) => one.values.some((value) => value !== null));
    if (!times.length || !drawn.length) {
      nothing(spec, spec.none || "Nothing was sampled.");
      return;
    }
    const most = spec.most || Math.max(...drawn.flatMap((one) => one.values.filter((value) => value !== null)));
    const chart = frame({
      ...spec,
      x: { max: end, words: clock, axis: "time since start (min:s)" },
      y: { max: most, unit: spec.unit, fixed: Boolean(spec.most) },
    });
    drawn.forEach((one) => legend(chart, one));
    // The first lies on top: where a stack's next layer is empty, its own edge shows.
    [...drawn].reverse().forEach((one) => curve(chart, times, one));
    events(chart);
    hover(chart, (index) => drawn.map((one) => {
      const value = one.shown ? one.shown[index] : one.values[index];
      return `${one.name}: ${value === null ? "-" : number(value)}`;
    }).join("\n"));
  }

  const last = samples[samples.length - 1];
  const highest = (values) => number(Math.max(0, ...values.filter((value) => value !== null)));
  const field = (name) => samples.map((sample) => sample[name]);

  // Requests: what was answered how, stacked.
  const KINDS = [
    ["2xx", "c1", (status) => status >= "200" && status < "300"],
    ["429", "c2", (status) => status === "429"],
    ["5xx", "c3", (status) => status >= "500"],
    ["other", "c5", (status) => status < "200" || (status >= "300" && status < "500" && status !== "429")],
  ];
  function requests() {
    const rate = (sample, accept) => Object.entries(sample.requests)
      .filter(([status]) => accept(status)).reduce((sum, [, count]) => sum + count, 0) / (sample.seconds || 1);
    let under = samples.map(() => 0);
    const curves = [];
    for (const [name, colour, accept] of KINDS) {
      const own = samples.map((sample) => rate(sample, accept));
      if (!own.some((value) => value > 0)) continue;
      const values = own.map((value, index) => value + under[index]);
      curves.push({ name, colour, values, under, shown: own, surface: true });
      under = values;
    }
    const refused = curves.find((one) => one.name === "429");
    overTime({
      id: "requests", title: "Request rate by status", about: "Stacked: the top edge is all requests.",
      unit: "requests per second", curves,
      spoken: `Request rate over time: at most ${highest(under)} per second, of them at most ${refused ? highest(refused.shown) : 0} answered 429.`,
    });
  }

  function quota() {
    const names = [...new Set(samples.flatMap((sample) => Object.keys(sample.remaining)))].sort();
    const curves = names.map((name, index) => ({
      name, colour: `c${(index % 5) + 1}`, dash: index % 3,
      values: samples.map((sample) => (name in sample.remaining ? sample.remaining[name] / 10 : null)),
    }));
    overTime({
      id: "quota", title: "Quota remaining", about: "What the fullest window of each limit had left.",
      unit: "% of the limit", most: 100, curves, none: "No limit was in use.",
      spoken: `Quota remaining over time, by limit: ${curves.map((one) => `${one.name} at least ${number(Math.min(...one.values.filter((value) => value !== null)))}%`).join(", ")}.`,
    });
  }

  function rows() {
    overTime({
      id: "rows", title: "Rows sent and stored", about: "The distance between the curves is in flight or lost.",
      unit: "rows", curves: [
        { name: "logged", colour: "c5", values: field("rows_logged"), dash: 2 },
        { name: "sent", colour: "c2", values: field("rows_sent"), dash: 1 },
        { name: "stored", colour: "c1", values: field("rows_stored") },
      ],
      spoken: last ? `Rows over time: at the end ${number(last.rows_sent)} were sent and ${number(last.rows_stored)} stored.` : "",
    });
  }

  function clients() {
    overTime({
      id: "clients", title: "Clients", about: "Active, and of these held back by a 429.",
      unit: "clients", curves: [
        { name: "held back", colour: "c2", values: field("waiting"), surface: true },
        { name: "active", colour: "c1", values: field("active"), surface: true },
      ],
      spoken: `Clients over time: at most ${highest(field("active"))} active, at most ${highest(field("waiting"))} held back.`,
    });
  }

  function waits() {
    const of = (name) => samples.map((sample) => sample.waits[name]);
    overTime({
      id: "waits", title: "Waits per client", about: "How long each client has been held back so far, from a 429 to acceptance.",
      unit: "seconds", none: "Nobody was held back.", curves: !last || !last.waits.max ? [] : [
        { name: "median", colour: "c1", values: of("p50") },
        { name: "95th percentile", colour: "c3", values: of("p95"), dash: 1 },
        { name: "worst", colour: "c2", values: of("max") },
      ],
      spoken: last ? `Waits per client, summed over time: at the end ${number(last.waits.p50)} s for the median client, ${number(last.waits.max)} s for the worst.` : "",
    });
  }

  function bytes() {
    const rate = samples.map((sample) => sample.bytes_in / (sample.seconds || 1));
    overTime({
      id: "bytes", title: "Bytes received", about: "Bodies of all requests of runs, refused ones included.",
      unit: "bytes per second", curves: [{ name: "received", colour: "c1", values: rate, surface: true }],
      spoken: `Bytes received over time: at most ${highest(rate)} per second.`,
    });
  }

  // How many clients had something behind them after so many seconds, by workload.
  function distribution(spec) {
    const workloads = Object.entries(spec.quantiles);
    const longest = Math.max(0, ...workloads.map(([, quantiles]) => quantiles[100]));
    if (!longest) {
      nothing(spec, spec.none);
      return;
    }
    const said = (quantiles) => [50, 95, 100]
      .map((percent) => `${percent}% ${spec.within} ${number(quantiles[percent])} s`).join(", ");
    const chart = frame({
      ...spec,
      spoken: `${spec.title} by workload: ${workloads.map(([name, quantiles]) => `${name} ${said(quantiles)}`).join("; ")}.`,
      x: { max: longest, step: niceStep(longest, 6), words: number, axis: "seconds" },
      y: { max: 100, unit: "% of clients", fixed: true },
    });
    const percents = Array.from({ length: 101 }, (_, index) => index);
    workloads.forEach(([name, quantiles], index) => {
      const one = { name, colour: `c${(index % 5) + 1}`, dash: index % 3, values: percents };
      legend(chart, one);
      curve(chart, quantiles, one);
      element(chart.svg.querySelector(`[data-name="${CSS.escape(name)}"]`), "title", {}, `${name}: ${said(quantiles)}`);
    });
  }

  function totals() {
    distribution({
      id: "totals", title: "Total wait of each client", about: "Share of clients that were held back no longer than so, all in all.",
      quantiles: data.wait_quantiles, within: "no longer than", none: "Nobody was held back.",
    });
  }

  function finish() {
    distribution({
      id: "finish", title: "Finish delays", about: "From a client's last log() to the end of finish(): share of clients done by then.",
      quantiles: data.finish_quantiles, within: "within", none: "No client finished.",
    });
  }

  requests();
  quota();
  rows();
  clients();
  waits();
  totals();
  bytes();
  finish();
})();
