// A live trend: the usual range as a band, the past as a line in ink, now in pulse. Plotly is fetched when one is shown.
import { jsx, jsxs, Fragment } from "react/jsx-runtime";
import { useContext, useEffect, useId, useMemo, useRef, useState } from "react";
import { ColorModeContext } from "$/utils/context";
import { places } from "./slots";
import { Moment } from "./time";

const NOW_MS = 15 * 60 * 1000;
let plotly = null;
const loadPlotly = () => (plotly ??= import("plotly.js-basic-dist-min").then((module) => module.default ?? module));

function traces({ points, low, high, theme }) {
  const x = points.map((point) => point.at);
  const y = points.map((point) => point.value);
  const last = x.length - 1;
  const edge = new Date(x[last]).getTime() - NOW_MS;
  let from = last;
  while (from > 0 && new Date(x[from]).getTime() > edge) from -= 1;
  const quiet = { hoverinfo: "skip", type: "scatter", mode: "lines" };
  const band = low?.length && high?.length ? [
    { ...quiet, x: x.slice(0, high.length), y: high, line: { width: 0, shape: "spline" } },
    { ...quiet, x: x.slice(0, low.length), y: low, line: { width: 0, shape: "spline" }, fill: "tonexty", fillcolor: theme.band },
  ] : [];
  return [
    ...band,
    { x: x.slice(0, from + 1), y: y.slice(0, from + 1), type: "scatter", mode: "lines", name: "", line: { color: theme.line, width: 1.75 } },
    { x: x.slice(from), y: y.slice(from), type: "scatter", mode: "lines", name: "", line: { color: theme.now, width: 2 } },
    { ...quiet, mode: "markers", x: [x[last]], y: [y[last]], marker: { size: 18, color: theme.halo } },
    { ...quiet, mode: "markers", x: [x[last]], y: [y[last]], marker: { size: 10, color: theme.now, line: { width: 2, color: theme.surface } } },
  ];
}

function layoutOf({ points, theme, form, width }) {
  const last = points[points.length - 1];
  const first = points[0];
  const most = Math.max(...points.map((point) => point.value));
  const span = new Date(last.at) - new Date(first.at);
  // The label stands to the right of now, where no line is.
  const roomy = width >= 480;
  const until = new Date(new Date(last.at).getTime() + span * ((roomy ? 84 : 64) / width)).toISOString();
  const beside = { xanchor: "left", xshift: roomy ? 15 : 8 };
  return {
    ...form,
    uirevision: "kept",
    autosize: true,
    xaxis: { ...form.xaxis, type: "date", range: [first.at, until], nticks: 6, hoverformat: "%H:%M, %-d %b", tickformatstops: [{ dtickrange: [null, 86400000 - 1], value: "%H:%M" }, { dtickrange: [86400000, null], value: "%-d %b" }] },
    yaxis: { ...form.yaxis, tickformat: ",d", ...(most < 4 ? { range: [0, 4.4] } : {}) },
    shapes: [{ type: "line", x0: last.at, x1: last.at, yref: "paper", y0: 0, y1: 1, line: { color: theme.now, width: 1, dash: "dot" }, layer: "below" }],
    annotations: [{ x: last.at, y: last.value, text: `<b>${last.value} now</b>`, showarrow: false, ...beside, font: { size: 12, color: theme.now_text } }],
  };
}

/** points: records with `at` and `field`, oldest first; low, high: the usual range at the same moments. */
export function Trend({ points: given, field = "value", low, high, label, unit, themes, layouts, height = 196, slots, children }) {
  const { head } = places(children, slots);
  const { resolvedColorMode } = useContext(ColorModeContext);
  const box = useRef(null);
  const [table, setTable] = useState(false);
  const [drawn, setDrawn] = useState(false);
  const id = useId();
  const points = useMemo(() => (given ?? []).map((point) => ({ at: point.at, value: point[field] })), [given, field]);
  const enough = points.length > 1;
  useEffect(() => {
    if (!enough || table) return;
    let alive = true;
    const mode = resolvedColorMode === "dark" ? "dark" : "light";
    loadPlotly().then((Plotly) => {
      if (!alive || !box.current) return;
      const theme = themes[mode];
      Plotly.react(box.current, traces({ points, low, high, theme }), layoutOf({ points, theme, form: layouts[mode], width: box.current.clientWidth }), { displayModeBar: false, responsive: true });
      setDrawn(true);
    });
    return () => (alive = false);
  }, [points, low, high, resolvedColorMode, table, enough]);
  useEffect(() => {
    const node = box.current;
    return () => node && plotly?.then((Plotly) => Plotly.purge(node));
  }, [table]);
  const rows = () => [...points].reverse().slice(0, 96);
  return jsxs("div", {
    className: "trend",
    children: [
      jsxs("header", {
        children: [
          head,
          jsx("button", { type: "button", className: "btn quiet sm", "aria-expanded": table, "aria-controls": id, onClick: () => (setTable(!table), setDrawn(false)), children: table ? "Show as chart" : "Show as table" }),
        ],
      }),
      !table && jsxs("div", {
        className: "trend-box",
        style: { height },
        children: [
          jsx("div", { ref: box, id, className: "trend-plot", role: "img", "aria-label": label, style: { height } }),
          !enough && jsx("p", { className: "meta trend-none", children: "The line begins with the second measurement." }),
          enough && !drawn && jsx("span", { className: "bone trend-wait late", "aria-hidden": true }),
        ],
      }),
      table && jsx("div", {
        id,
        className: "trend-table",
        style: { maxHeight: height },
        tabIndex: 0,
        role: "region",
        "aria-label": label,
        children: jsxs("table", {
          className: "table",
          children: [
            jsx("caption", { className: "vh", children: label }),
            jsx("thead", { children: jsxs("tr", { children: [jsx("th", { scope: "col", children: "Time" }), jsx("th", { scope: "col", className: "num", children: unit })] }) }),
            jsx("tbody", {
              children: rows().map((point) => jsxs("tr", { children: [jsx("td", { children: jsx(Moment, { value: point.at, form: "stamp" }) }), jsx("td", { className: "num", children: point.value })] }, point.at)),
            }),
          ],
        }),
      }),
    ],
  });
}
