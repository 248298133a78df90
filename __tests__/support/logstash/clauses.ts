import type { PluginNode, Section, Statement } from "./configuration";

/** Every filter of a configuration, in its order. */
export function filtersOf(sections: readonly Section[]): PluginNode[] {
  return sections.filter(({ type }) => type === "filter").flatMap(({ body }) => pluginsOf(body));
}

function pluginsOf(body: readonly Statement[]): PluginNode[] {
  return body.flatMap((statement) =>
    statement.kind === "plugin"
      ? [statement]
      : [...statement.branches.flatMap((branch) => pluginsOf(branch.body)), ...pluginsOf(statement.otherwise)],
  );
}

/** A configuration that lacks something, and what. */
export interface Lacking {
  readonly what: string;
  readonly sections: readonly Section[];
}

/**
 * The configuration once without each of its filters, without each setting of each (but what it cannot start without), and
 * without each substitution of gsub.
 */
export function eachLacking(sections: readonly Section[]): Lacking[] {
  return filtersOf(sections).flatMap((plugin) => {
    const name = `${plugin.name} of line ${plugin.line}`;
    const settings = plugin.attributes.length > 1 ? plugin.attributes.filter(({ name }) => !required.has(name)) : [];
    const gsub = plugin.attributes.find(({ name }) => name === "gsub");
    const texts = gsub?.value.kind === "array" ? gsub.value.value : [];
    return [
      { what: name, sections: replaced(sections, plugin, []) },
      ...settings.map((setting) => ({
        what: `${setting.name} of ${name}`,
        sections: replaced(sections, plugin, [
          { ...plugin, attributes: plugin.attributes.filter((each) => each !== setting) },
        ]),
      })),
      ...texts
        .filter((_, index) => index % 3 === 1)
        .map((expression, index) => ({
          what: `gsub of ${String(expression.kind === "string" && expression.value)}`,
          sections: replaced(sections, plugin, [
            {
              ...plugin,
              attributes: plugin.attributes.map((each) =>
                each === gsub
                  ? { ...each, value: { kind: "array", value: texts.filter((_, at) => Math.floor(at / 3) !== index) } }
                  : each,
              ),
            } as PluginNode,
          ]),
        })),
    ];
  });
}

const required = new Set(["source", "match"]);

function replaced(sections: readonly Section[], plugin: PluginNode, by: readonly PluginNode[]): Section[] {
  const within = (body: readonly Statement[]): Statement[] =>
    body.flatMap((statement): readonly Statement[] => {
      if (statement.kind === "plugin") {
        return statement === plugin ? by : [statement];
      }
      return [
        {
          ...statement,
          branches: statement.branches.map((branch) => ({ ...branch, body: within(branch.body) })),
          otherwise: within(statement.otherwise),
        },
      ];
    });
  return sections.map((section) => ({ ...section, body: within(section.body) }));
}
