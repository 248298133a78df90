import type { Widget } from "../../constructs/dashboard";
import type { LiveDashboard, Point } from "./data";

/** Pixels of a column, and of a row, of CloudWatch's grid. */
const cell = { width: 60, height: 40 };
const colors = ["#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#17becf"];
const examplePoints = 48;

/** A place in a plot: from its left to its right edge, and from its bottom to its top, 0 to 1. */
interface Place {
  readonly x: number;
  readonly y: number;
}

/** What one graph shows. */
interface Content {
  /** By the index of the metric. */
  readonly lines: readonly (readonly Place[])[];
  /** At the top of the vertical axis. */
  readonly highest?: number;
  /** Below the ends of the horizontal axis. */
  readonly ends?: readonly [string, string];
  /** Height of the line that a value should not cross. */
  readonly limit?: number;
}

interface GraphProperties {
  readonly title: string;
  readonly region: string;
  readonly metrics: readonly (readonly unknown[])[];
  readonly annotations?: { readonly horizontal: readonly { readonly value: number }[] };
}

/** A picture of a dashboard's layout. The curves are examples, the same in every picture. */
export function exampleSvg(title: string, widgets: readonly Widget[]): string {
  return draw(`${title}: example data`, widgets, (widget) => {
    const { title, metrics, annotations } = graphOf(widget);
    return {
      lines: metrics.map((_, index) => exampleLine(`${title} ${index}`)),
      limit: annotations && 0.95,
    };
  });
}

/** A picture of a dashboard as CloudWatch shows it, with the data of its time. */
export function liveSvg(title: string, { widgets, lines, from, to }: LiveDashboard): string {
  const minutes = (date: Date) => date.toISOString().slice(0, 16).replace("T", " ");
  return draw(`${title}: ${minutes(from)} to ${minutes(to)} UTC`, widgets, (widget, index) => {
    const points = lines[index] as readonly (readonly Point[])[];
    const limit = graphOf(widget).annotations?.horizontal[0]?.value;
    const highest = Math.max(0, limit ?? 0, ...points.flat().map(({ value }) => value)) || 1;
    const span = to.getTime() - from.getTime();
    return {
      lines: points.map((line) =>
        line.map(({ at, value }) => ({
          x: Math.min(1, Math.max(0, (at.getTime() - from.getTime()) / span)),
          y: Math.max(0, value / highest),
        })),
      ),
      highest,
      ends: [minutes(from).slice(11), minutes(to).slice(11)],
      limit: limit === undefined ? undefined : limit / highest,
    };
  });
}

function draw(
  heading: string,
  widgets: readonly Widget[],
  content: (widget: Widget, index: number) => Content,
): string {
  const width = 24 * cell.width;
  const top = 40;
  const height = top + Math.max(...widgets.map(({ y, height }) => y + height)) * cell.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#f4f5f7"/>`,
    `<text x="12" y="26" font-size="18">${escaped(heading)}</text>`,
    ...widgets.map((widget, index) => {
      const drawn = widget.type === "text" ? drawHeading(widget) : drawGraph(widget, content(widget, index));
      return `<g transform="translate(0 ${top})">${drawn}</g>`;
    }),
    "</svg>",
    "",
  ].join("\n");
}

function graphOf({ properties }: Widget): GraphProperties {
  return properties as unknown as GraphProperties;
}

function boxOf({ x, y, width, height }: Widget) {
  return { left: x * cell.width, top: y * cell.height, width: width * cell.width, height: height * cell.height };
}

function drawHeading(widget: Widget): string {
  const box = boxOf(widget);
  const heading = String(widget.properties.markdown).replace(/^#+ /, "");
  return `<text x="${box.left + 12}" y="${box.top + 27}" font-size="16" font-weight="bold">${escaped(heading)}</text>`;
}

function drawGraph(widget: Widget, { lines, highest, ends, limit }: Content): string {
  const { title, region, metrics, annotations } = graphOf(widget);
  const box = boxOf(widget);
  const plot = { left: box.left + 16, top: box.top + 38, width: box.width - 32, height: box.height - 92 };
  const right = plot.left + plot.width;
  const heightOf = (y: number) => plot.top + plot.height * (1 - y);
  const place = ({ x, y }: Place) => `${(plot.left + x * plot.width).toFixed(1)},${heightOf(y).toFixed(1)}`;
  const small = (x: number, y: number, text: string, rest = "") =>
    `<text x="${x}" y="${y}" font-size="9" fill="#687078"${rest}>${escaped(text)}</text>`;
  const isEmpty = highest !== undefined && lines.every((line) => line.length === 0);
  return [
    `<rect x="${box.left + 4}" y="${box.top + 4}" width="${box.width - 8}" height="${box.height - 8}" rx="4" fill="#fff" stroke="#d5d9d9"/>`,
    `<text x="${plot.left}" y="${box.top + 26}" font-size="13" font-weight="bold">${escaped(title)}</text>`,
    `<path d="M${plot.left} ${plot.top}v${plot.height}h${plot.width}" fill="none" stroke="#aab7b8"/>`,
    isEmpty
      ? `<text x="${plot.left + plot.width / 2}" y="${heightOf(0.5)}" font-size="11" fill="#687078" text-anchor="middle">no data</text>`
      : "",
    highest === undefined || isEmpty ? "" : small(plot.left + 4, plot.top + 8, shortNumber(highest)),
    ...(ends === undefined
      ? []
      : [
          small(plot.left, box.top + box.height - 10, ends[0]),
          small(right, plot.top + plot.height - 4, ends[1], ' text-anchor="end"'),
        ]),
    ...lines.map((line, index) => {
      const color = colors[index % colors.length] as string;
      const [only] = line;
      return line.length === 1 && only
        ? `<circle cx="${place(only).split(",")[0]}" cy="${place(only).split(",")[1]}" r="2.5" fill="${color}"/>`
        : line.length === 0
          ? ""
          : `<polyline points="${line.map(place).join(" ")}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
    }),
    limit === undefined
      ? ""
      : `<path d="M${plot.left} ${heightOf(limit).toFixed(1)}h${plot.width}" stroke="#d62728" stroke-dasharray="5 3"/><text x="${right}" y="${(heightOf(limit) + 12).toFixed(1)}" font-size="10" fill="#d62728" text-anchor="end">${annotations?.horizontal[0]?.value}</text>`,
    ...metrics.map((metric, index) => {
      const { label } = metric.at(-1) as { readonly label: string };
      const left = plot.left + (index % 3) * (plot.width / 3);
      const base = plot.top + plot.height + 18 + 16 * Math.floor(index / 3);
      return `<rect x="${left}" y="${base - 8}" width="9" height="9" fill="${colors[index % colors.length]}"/><text x="${left + 13}" y="${base}" font-size="11">${escaped(label)}</text>`;
    }),
    small(right, box.top + box.height - 10, region.startsWith("${") ? "" : region, ' text-anchor="end"'),
  ].join("");
}

/** The same curve for the same seed. */
function exampleLine(seed: string): Place[] {
  const start = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  const level = 0.15 + (start % 50) / 100;
  return Array.from({ length: examplePoints }, (_, index) => ({
    x: index / (examplePoints - 1),
    y: level + 0.12 * Math.sin((index + start) / 5) + 0.05 * Math.sin((index * 7 + start) / 3),
  }));
}

/** Three digits, as `12.3k`. */
function shortNumber(value: number): string {
  return new Intl.NumberFormat("en-US", { notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
