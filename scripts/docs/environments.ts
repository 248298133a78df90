import { accounts, environments } from "../../environments";
import { sizes } from "../../environments/sizes";
import { describeFields, type Field } from "./fields";

const introduction = `# What can be set

This page is made by \`npm run docs\` from the schema, \`environments/sections/\`, and from the files that hold the values.

Every environment is a file, \`environments/<name>.ts\`, in which every field is set. A field has no default elsewhere. An editor
shows the same text on each field. Values that are not allowed are reported all at once, with a fix, before anything is
written; so is what fits each field by itself and not its neighbours, such as an amount of memory that Fargate does not pair with
the CPU units. [CONTRIBUTING.md](../CONTRIBUTING.md) says how a field is added.
`;

/** A column of values: its heading, and what holds them. */
interface Column {
  readonly heading: string;
  readonly holder: unknown;
}

/** docs/environments.md: each field with its meaning, what is allowed, and its value in every shipped file. */
export function environmentsPage({ environment, account } = describeFields()): string {
  const named = environments.map((each) => ({ heading: each.name, holder: { ...each, size: sizeOf(each.size) } }));
  const ofSizes = Object.entries(sizes).map(([heading, size]) => ({ heading, holder: { size } }));
  const sections = environment.filter(({ path, isObject }) => path.length === 1 && isObject);
  const keys = sections.map(({ path: [key] }) => key);
  const size = {
    path: ["size"],
    meaning: "Which of the sizes below.",
    allowed: Object.keys(sizes).join(", "),
    isObject: false,
  };
  const single = environment.flatMap((field) =>
    field.path.join() === "size" ? size : keys.includes(field.path[0]) ? [] : field,
  );
  return [
    introduction,
    "## The environment itself\n",
    table(single, named, 0),
    ...sections.flatMap(({ path: [key = ""], meaning }) => {
      const fields = environment.filter(({ path }) => path.length > 1 && path[0] === key);
      const without = named.filter(({ holder }) => child(holder, key) === null).map(({ heading }) => heading);
      return [
        `## ${key}\n`,
        `${markdown(meaning)}${without.length === 0 ? "" : ` It is null in ${without.join(" and ")}.`}\n`,
        table(fields, key === "size" ? ofSizes : named, 1),
      ];
    }),
    "## Accounts\n",
    "One entry for each AWS account and region, in `environments/accounts.ts`.\n",
    table(
      account,
      accounts.map((each) => ({ heading: each.name, holder: each })),
      0,
    ),
  ].join("\n");
}

function sizeOf(size: unknown): string {
  return Object.entries(sizes).find(([, each]) => each === size)?.[0] ?? "its own";
}

/** A table of fields whose first `skipped` keys the heading says. */
function table(fields: readonly Field[], columns: readonly Column[], skipped: number): string {
  const heading = ["field", "meaning", "allowed", ...columns.map((column) => column.heading)];
  const rows = fields.map((field) => [
    `\`${field.path.slice(skipped).join(".").replaceAll(".[]", "[]")}\`${field.form === undefined ? "" : ` (${field.form})`}`,
    markdown(field.meaning),
    field.isObject ? "" : markdown(field.allowed),
    ...columns.map(({ holder }) => shownValue(field, holder)),
  ]);
  return `${[heading, heading.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")}\n`;
}

/** The value in a column; empty for what stands in its parts, or does not exist in this form. */
function shownValue({ path, form, isObject }: Field, holder: unknown): string {
  const keys = path.includes("[]") ? [] : path;
  const parent = keys.slice(0, -1).reduce(child, holder);
  if (keys.length === 0 || isObject || (form !== undefined && child(parent, "type") !== form)) {
    return "";
  }
  const value = child(parent, keys.at(-1) as string);
  return value === undefined ? "" : `\`${literal(value)}\``;
}

/** A value on one line, with room to break it between elements. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 1)
    .replace(/(?<=[[{])\n\s*|\n\s*(?=[\]}])/g, "")
    .replace(/\n\s*/g, " ")
    .replaceAll("|", "\\|");
}

function child(object: unknown, key: string): unknown {
  return (object as Record<string, unknown> | null | undefined)?.[key];
}

/** Text in a cell: code as it is, and no tags elsewhere. */
function markdown(text: string): string {
  const parts = text
    .split("`")
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("<", "\\<").replaceAll("*", "\\*")));
  return parts.join("`").replaceAll("|", "\\|");
}
