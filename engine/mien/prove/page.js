// The plots of `mien prove`'s page. What is plotted stands in the page as JSON; columns of numbers are
// 32-bit floats in base64, NaN where nothing is known.
"use strict";
(() => {
  const told = JSON.parse(document.getElementById("told").textContent);
  const column = (text) => {
    const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return new Float32Array(raw.buffer);
  };
  const charts = [];
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  // Over a frame or two that were never shown the line goes on (undefined). Where more are missing it would
  // draw what nobody has seen: there it ends (null), as where another player's run stands.
  const GOES_ON = 2;
  const lined = (values) => {
    const line = Array.from(values);
    for (let i = 0; i < line.length; i++) {
      const begin = i;
      while (i < line.length && Number.isNaN(line[i])) i++;
      if (i > begin) line.fill(i - begin > GOES_ON ? null : undefined, begin, i);
    }
    return line;
  };
  // Numbers that no line leads to or from, which only a point can show: their places.
  const alone = (line) => {
    const ends = (step) => {
      const at = line.map(() => true);
      for (let i = step > 0 ? 0 : line.length - 1, last = null; i >= 0 && i < line.length; i += step) {
        at[i] = last === null;
        if (line[i] !== undefined) last = line[i];
      }
      return at;
    };
    const before = ends(1), after = ends(-1);
    return line.flatMap((value, i) => (value != null && before[i] && after[i] ? [i] : []));
  };

  // All runs behind each other in the order in which they were made: one column of times, and one of each player.
  const runs = told.runs.map((run) => ({ ...run, work: column(run.work), delay: column(run.delay) }));
  const players = told.players.map((one) => one.key), times = [], marks = [], edges = [];
  const columns = () => Object.fromEntries(players.map((key) => [key, []]));
  const work = columns(), delay = columns();
  let from = 0;
  for (const run of runs) {
    const worked = lined(run.work), late = lined(run.delay);
    edges.push({ at: from, name: run.name });
    for (let i = 0; i < run.work.length; i++) {
      times.push(from + i * run.interval_s);
      for (const key of players) {
        work[key].push(key === run.player ? worked[i] : null);
        delay[key].push(key === run.player ? late[i] : null);
      }
    }
    for (const frame of run.missed) marks.push(from + frame * run.interval_s);
    from += run.work.length * run.interval_s;
  }
  const end = from;
  const loadTimes = [], others = [], stolen = [];
  edges.forEach((edge, r) => {
    const run = runs[r], length = run.work.length * run.interval_s;
    run.load_s.forEach((at, i) => {
      if (at < 0 || at > length) return;
      loadTimes.push(edge.at + at);
      others.push(100 * run.others[i]);
      stolen.push(100 * run.stolen[i]);
    });
    loadTimes.push(edge.at + length);
    others.push(null);
    stolen.push(null);
  });

  const zoomTo = (min, max) => {
    const least = 0.2, most = end;
    if (max - min < least) { const middle = (min + max) / 2; min = middle - least / 2; max = middle + least / 2; }
    min = Math.max(0, min); max = Math.min(most, max);
    for (const chart of charts) if (chart.shared) chart.setScale("x", { min, max });
  };
  const hands = () => ({
    hooks: {
      ready: (chart) => {
        const over = chart.over || chart.root.querySelector(".u-over");
        over.addEventListener("wheel", (event) => {
          event.preventDefault();
          const { min, max } = chart.scales.x, span = max - min;
          if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
            const by = span * 0.001 * (event.deltaX || event.deltaY);
            zoomTo(min + by, max + by);
            return;
          }
          const at = chart.posToVal(event.clientX - over.getBoundingClientRect().left, "x");
          const factor = Math.exp(0.0015 * event.deltaY);
          zoomTo(at - (at - min) * factor, at + (max - at) * factor);
        }, { passive: false });
      },
      setScale: (chart, key) => {
        if (key !== "x" || chart.busy || !chart.shared) return;
        for (const other of charts) {
          if (other === chart || !other.shared) continue;
          const { min, max } = chart.scales.x;
          if (other.scales.x.min === min && other.scales.x.max === max) continue;
          other.busy = true;
          other.setScale("x", { min, max });
          other.busy = false;
        }
      },
      draw: (chart) => {
        const context = chart.ctx, { left, top, height, width } = chart.bbox;
        context.save();
        context.beginPath();
        context.rect(left, top, width, height);
        context.clip();
        context.strokeStyle = css("--grid");
        context.fillStyle = css("--dim");
        context.textAlign = "left";
        context.font = `${11 * devicePixelRatio}px system-ui,sans-serif`;
        let free = left;
        for (const edge of edges) {
          const x = chart.valToPos(edge.at, "x", true);
          if (x < left - 1 || x > left + width) continue;
          context.beginPath();
          context.moveTo(x, top);
          context.lineTo(x, top + height);
          context.stroke();
          if (!chart.names || x < free) continue;
          context.fillText(edge.name, x + 4 * devicePixelRatio, top + 12 * devicePixelRatio);
          free = x + context.measureText(edge.name).width + 12 * devicePixelRatio;
        }
        // Marks of one column of pixels are one stroke: a run may have missed thousands.
        context.strokeStyle = css("--bad");
        context.lineWidth = Math.max(1, devicePixelRatio);
        context.beginPath();
        let last = -1;
        for (const mark of chart.marks || []) {
          const x = Math.round(chart.valToPos(mark, "x", true));
          if (x === last || x < left || x > left + width) continue;
          last = x;
          context.moveTo(x, top + height);
          context.lineTo(x, top + height - 9 * devicePixelRatio);
        }
        context.stroke();
        for (const level of chart.levels || []) {
          const y = chart.valToPos(level, "y", true);
          context.strokeStyle = css("--bad");
          context.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
          context.beginPath();
          context.moveTo(left, y);
          context.lineTo(left + width, y);
          context.stroke();
          context.setLineDash([]);
        }
        context.restore();
      },
    },
  });
  const axis = (label) => ({
    label, labelSize: 20, size: 52, labelFont: "12px system-ui,sans-serif", font: "11px system-ui,sans-serif",
    stroke: () => css("--dim"), grid: { stroke: () => css("--grid"), width: 1 }, ticks: { stroke: () => css("--grid") },
  });
  const dots = (series, data) => {
    const all = alone(data);
    const filter = (chart) => {
      const [first, last] = chart.series[0].idxs;
      return all.filter((i) => i >= first && i <= last);
    };
    return { ...series, points: { show: false, size: 4, fill: series.stroke, filter } };
  };
  const line = (label, colour, unit, more = {}) => ({
    label, stroke: () => css(colour), width: 1.2, spanGaps: false,
    value: (_, v) => (v == null ? "-" : `${v.toFixed(1)} ${unit}`), ...more,
  });
  const plot = (id, title, height, series, data, unit, more = {}) => {
    const place = document.getElementById(id);
    const chart = new uPlot({
      title, width: place.clientWidth, height, plugins: [hands()],
      cursor: { drag: { x: true, y: false, setScale: true }, ...(more.sync ? { sync: { key: more.sync } } : {}) },
      scales: { x: { time: false }, y: { range: (_, min, max) => [more.least ?? 0, Math.max(more.most || 1, max * 1.06)] } },
      axes: [{ ...axis(more.x || ""), size: 34, labelSize: more.x ? 20 : 0 }, axis(unit)],
      series: [{ label: "at", value: (_, v) => (v == null ? "-" : `${v.toFixed(3)} s`) }, ...series.map((one, i) => dots(one, data[i + 1]))],
    }, data, place);
    chart.shared = more.shared !== false;
    chart.levels = more.levels;
    chart.names = more.names;
    chart.marks = more.marks;
    charts.push(chart);
    chart.redraw(false);
    return chart;
  };

  const budget = told.interval_ms, ink = { legacy: "--old", mien: "--mien" };
  const sides = () => told.players.map((one) => line(one.name, ink[one.key] || "--good", "ms"));
  plot("frames", "What each frame took, in the order in which the runs were made", 300,
    sides(), [times, ...Object.values(work)], "ms",
    { sync: "runs", levels: [budget], names: true, marks, most: 1.5 * budget });
  plot("delays", "How late each frame was shown", 180,
    sides(), [times, ...Object.values(delay)], "ms", { sync: "runs", levels: [budget], most: 1.5 * budget });
  if (loadTimes.length > runs.length)
    plot("load", "Cores that others had meanwhile", 150,
      [line("other programs", "--dim", "%"), line("other machines", "--bad", "%")],
      [loadTimes, others, stolen], "% of all", { sync: "runs", x: "seconds", most: 100 });
  const colours = ["--mien", "--old", "--good", "--bad", "--dim"];
  const seen = told.seen.map((one) => column(one.apart));
  if (seen.length) {
    const longest = Math.max(...seen.map((one) => one.length));
    const x = Array.from({ length: longest }, (_, i) => i);
    plot("seen", "Time between two frames that an observer saw", 220,
      told.seen.map((one, i) => line(one.name, colours[i % colours.length], "ms")),
      [x, ...seen.map((one) => Array.from(x, (i) => (i < one.length ? one[i] : null)))],
      "ms", { shared: false, x: "frames", most: 3 * budget, levels: [budget] });
  }

  document.getElementById("whole").addEventListener("click", () => zoomTo(0, end));
  const widths = () => { for (const chart of charts) chart.setSize({ width: chart.root.parentNode.clientWidth, height: chart.height }); };
  addEventListener("resize", widths);
  matchMedia("(prefers-color-scheme:dark)").addEventListener("change", () => charts.forEach((chart) => chart.redraw(false)));
  const named = /^#run(\d+)-frame(\d+)$/;
  const jump = () => {
    const [, run, frame] = location.hash.match(named) || [];
    if (run === undefined) return;
    const at = edges[run].at + frame * runs[run].interval_s;
    zoomTo(at - 1, at + 1);
    document.getElementById("frames").scrollIntoView({ block: "center" });
  };
  addEventListener("hashchange", jump);
  jump();
})();
