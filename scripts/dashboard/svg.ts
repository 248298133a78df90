import type { Widget } from "../../constructs/dashboard";

/** Pixels of a column, and of a row, of CloudWatch's grid. */
const cell = { width: 60, height: 40 };
const colors = ["#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#17becf"];
const points = 48;

/**
 * A picture of a dashboard's layout. The curves are examples, the same in every picture: what is deployed is seen in CloudWatch.
 */
export function dashboardSvg(title: string, widgets: readonly Widget[]): string {
  const width = 24 * cell.width;
  const top = 40;
  const height = top + Math.max(...widgets.map(({ y, height }) => y + height)) * cell.height;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif">`,
    `<rect width="${width}" height="${height}" fill="#f4f5f7"/>`,
    `<text x="12" y="26" font-size="18">${escaped(title)}: example data</text>`,
    ...widgets.map((widget) => `<g transform="translate(0 ${top})">${draw(widget)}</g>`),
    "</svg>",
    "",
  ].join("\n");
}

interface GraphProperties {
  readonly title: string;
  readonly region: string;
  readonly metrics: readonly (readonly unknown[])[];
  readonly annotations?: { readonly horizontal: readonly { readonly value: number }[] };
}

function draw({ type, x, y, width, height, properties }: Widget): string {
  const box = { left: x * cell.width, top: y * cell.height, width: width * cell.width, height: height * cell.height };
  if (type === "text") {
    const heading = String(properties.markdown).replace(/^#+ /, "");
    return `<text x="${box.left + 12}" y="${box.top + 27}" font-size="16" font-weight="bold">${escaped(heading)}</text>`;
  }
  const { title, region, metrics, annotations } = properties as unknown as GraphProperties;
  const plot = { left: box.left + 16, top: box.top + 38, width: box.width - 32, height: box.height - 92 };
  const limit = annotations?.horizontal[0]?.value;
  return [
    `<rect x="${box.left + 4}" y="${box.top + 4}" width="${box.width - 8}" height="${box.height - 8}" rx="4" fill="#fff" stroke="#d5d9d9"/>`,
    `<text x="${plot.left}" y="${box.top + 26}" font-size="13" font-weight="bold">${escaped(title)}</text>`,
    `<path d="M${plot.left} ${plot.top}v${plot.height}h${plot.width}" fill="none" stroke="#aab7b8"/>`,
    ...metrics.map((_, index) => curve(plot, `${title} ${index}`, colors[index % colors.length] as string)),
    ...(limit === undefined
      ? []
      : [
          `<path d="M${plot.left} ${plot.top + 6}h${plot.width}" stroke="#d62728" stroke-dasharray="5 3"/>`,
          `<text x="${plot.left + plot.width}" y="${plot.top + 18}" font-size="10" fill="#d62728" text-anchor="end">${limit}</text>`,
        ]),
    ...metrics.map((metric, index) => {
      const { label } = metric.at(-1) as { readonly label: string };
      const left = plot.left + (index % 3) * (plot.width / 3);
      const base = plot.top + plot.height + 18 + 16 * Math.floor(index / 3);
      return `<rect x="${left}" y="${base - 8}" width="9" height="9" fill="${colors[index % colors.length]}"/><text x="${left + 13}" y="${base}" font-size="11">${escaped(label)}</text>`;
    }),
    `<text x="${plot.left + plot.width}" y="${box.top + box.height - 10}" font-size="9" fill="#879596" text-anchor="end">${escaped(region.startsWith("${") ? "" : region)}</text>`,
  ].join("");
}

/** The same curve for the same seed. */
function curve(
  plot: { left: number; top: number; width: number; height: number },
  seed: string,
  color: string,
): string {
  const start = [...seed].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 9973, 7);
  const level = 0.15 + (start % 50) / 100;
  const line = Array.from({ length: points }, (_, index) => {
    const value = level + 0.12 * Math.sin((index + start) / 5) + 0.05 * Math.sin((index * 7 + start) / 3);
    const x = plot.left + (index * plot.width) / (points - 1);
    return `${x.toFixed(1)},${(plot.top + plot.height * (1 - value)).toFixed(1)}`;
  });
  return `<polyline points="${line.join(" ")}" fill="none" stroke="${color}" stroke-width="1.5"/>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
