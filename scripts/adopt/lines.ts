import type { Environment } from "../../environments/environment";
import { sizes } from "../../environments/sizes";
import type { Adoption } from "./adoption";
import { withFields } from "./fields";
import type { KeepReason } from "./keep";

const lineWidth = 120;

/**
 * The properties of `environments/<name>.ts` that change, each whole, as TypeScript to paste over what is there. They need
 * the imports that the file has already.
 */
export function environmentLines(environment: Environment, adoption: Adoption): string {
  const adapted = withFields(environment, adoption.fields);
  const sections = new Set(adoption.fields.map(({ field }) => field.split(".")[0] as keyof Environment));
  const inOrder = (Object.keys(environment) as (keyof Environment)[]).filter((section) => sections.has(section));
  return [
    ...inOrder.map((section) => {
      const value =
        section === "size" ? sizeLiteral(environment, adoption) : literal(adapted[section], 2, section.length + 2);
      return `  ${section}: ${value},`;
    }),
    `  adopted: ${adoptedLiteral(adoption)},`,
  ].join("\n");
}

/** `{ ...sizes.medium, redisNodeType: "cache.t3.medium" }` where the environment has one of the named sizes. */
function sizeLiteral(environment: Environment, { fields }: Adoption): string {
  const name = Object.entries(sizes).find(([, size]) => size === environment.size)?.[0];
  const own = fields.filter(({ field }) => field.startsWith("size."));
  if (!name) {
    return literal(withFields(environment, own).size, 2, 6);
  }
  const members = own.map(({ field, value }) => `    ${field.slice("size.".length)}: ${JSON.stringify(value)},`);
  return `{\n    ...sizes.${name},\n${members.join("\n")}\n  }`;
}

function adoptedLiteral({ adopted, kept }: Adoption): string {
  const { renamed, moved, removed } = adopted;
  const keep = Object.entries(adopted.keep).map(([address, values]) => {
    const members = Object.entries(values).map(([argument, value]) => {
      const reason = kept.find((other) => other.address === address && other.argument === argument)?.reason;
      return `        // ${spellReason(reason)}\n        ${argument}: ${literal(value, 8, argument.length + 2)},`;
    });
    return `      ${JSON.stringify(address)}: {\n${members.join("\n")}\n      },`;
  });
  const parts = [
    keep.length === 0 ? "    keep: {}," : `    keep: {\n${keep.join("\n")}\n    },`,
    `    renamed: ${literal(renamed, 4, 9)},`,
    `    moved: ${literal(moved, 4, 7)},`,
    `    removed: ${literal(removed, 4, 9)},`,
  ];
  return `{\n${parts.join("\n")}\n  }`;
}

export function spellReason(reason: KeepReason | undefined): string {
  switch (reason?.kind) {
    case "replaces":
      return "Another value would replace it.";
    case "lost":
      return `Keeps ${reason.connections.join("; ")}.`;
    case "needed":
      return `Goes with ${reason.by}.`;
    default:
      return "Neither the guide's nor ours.";
  }
}

/** A value as TypeScript, in as few lines as the width allows. `used` is what stands before it on its line. */
function literal(value: unknown, indent: number, used: number): string {
  const flat = flatLiteral(value);
  if (indent + used + flat.length + 1 <= lineWidth || typeof value !== "object" || value === null) {
    return flat;
  }
  const inner = " ".repeat(indent + 2);
  if (Array.isArray(value)) {
    const elements = value.map((element) => `${inner}${literal(element, indent + 2, 0)},`);
    return `[\n${elements.join("\n")}\n${" ".repeat(indent)}]`;
  }
  const members = Object.entries(value).map(([name, member]) => {
    const key = propertyName(name);
    return `${inner}${key}: ${literal(member, indent + 2, key.length + 2)},`;
  });
  return `{\n${members.join("\n")}\n${" ".repeat(indent)}}`;
}

function flatLiteral(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(flatLiteral).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([name, member]) => `${propertyName(name)}: ${flatLiteral(member)}`);
    return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
  }
  return JSON.stringify(value);
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
