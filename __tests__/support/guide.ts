/** What the guide's .tf files declare, and what they reference without declaring it. */
export interface DocumentedPlatform {
  readonly resources: readonly DocumentedResource[];
  /** Referenced, declared nowhere: resources, data sources and variables. */
  readonly undeclared: readonly string[];
}

export interface DocumentedResource {
  readonly file: string;
  readonly address: string;
  /** Arguments that name it, with `${var.environment}` read as `production`. */
  readonly names: Readonly<Record<string, string>>;
  readonly count?: number;
}

const nameArguments = ["name", "name_prefix", "identifier", "replication_group_id", "bucket", "family", "domain_name"];

/** Reads the Terraform code blocks of the guide's Markdown. */
export function readGuide(markdown: string): DocumentedPlatform {
  const files = [...markdown.matchAll(/^```hcl\n# terraform\/(\S+)\n(.*?)^```/gms)].map((match) => ({
    file: match[1] as string,
    text: match[2] as string,
  }));
  const resources = files.flatMap(({ file, text }) =>
    [...text.matchAll(/^resource "(\w+)" "(\w+)" \{\n(.*?)^\}/gms)].map(([, type, label, body]) => ({
      file,
      address: `${type}.${label}`,
      ...readBody(body as string),
    })),
  );
  const declared = new Set(resources.map(({ address }) => address));
  const all = files.map(({ text }) => text).join("\n");
  const references = all.matchAll(/(?<![\w.$"/-])(?:(?:data\.)?aws_\w+\.\w+|var\.\w+)/g);
  const inTemplates = all.matchAll(/(?<=\$\{)(?:(?:data\.)?aws_\w+\.\w+|var\.\w+)/g);
  const undeclared = [...references, ...inTemplates].map(([address]) => address).filter((one) => !declared.has(one));
  return { resources, undeclared: [...new Set(undeclared)].sort() };
}

/** Arguments of the resource's own lines and of its tags: nested blocks name other things. */
function readBody(body: string): Pick<DocumentedResource, "names" | "count"> {
  const names: Record<string, string> = {};
  let count: number | undefined;
  for (const line of body.split("\n")) {
    const [, indent, argument = "", value = ""] = /^( +)(\w+)\s*=\s*(.*)$/.exec(line) ?? [];
    const text = /^"(.*)"$/.exec(value)?.[1]?.replace("${var.environment}", "production");
    if (indent === "  " && argument === "count") {
      count = Number(value);
    }
    if (text === undefined) {
      continue;
    }
    if (indent === "  " && nameArguments.includes(argument)) {
      names[argument] = text;
    }
    if (indent === "    " && argument === "Name") {
      names["tags.Name"] = text;
    }
  }
  return count === undefined ? { names } : { count, names };
}
