import {
  type Branch,
  ConfigurationError,
  type Expression,
  type Operand,
  type PluginNode,
  parseConfiguration,
  type Section,
  type Statement,
} from "./configuration";
import { type Fields, isFields, isList, type LogstashEvent, NotKnown, Timestamp, type Value } from "./event";
import { type Filter, makeFilter, Settings } from "./filters";
import { loadEngine, RubyExpression } from "./regular-expressions";

/** What the output asks the domain to index. */
export interface Indexed {
  readonly index: string;
  readonly id: string;
  readonly document: Fields;
}

/** A pipeline's filters and its opensearch output. Inputs are read over: what they do needs a real Logstash. */
export class Pipeline {
  private constructor(
    private readonly filter: Filter,
    private readonly output: (event: LogstashEvent) => Indexed,
  ) {}

  /**
   * @param now the clock, in milliseconds, where Logstash looks at it
   * @throws ConfigurationError where Logstash would not start, or with what the interpreter does not know
   */
  static async load(configuration: string, now: () => number = Date.now): Promise<Pipeline> {
    return Pipeline.of(parseConfiguration(configuration), now);
  }

  /** As `load`, of what is parsed already. */
  static async of(sections: readonly Section[], now: () => number = Date.now): Promise<Pipeline> {
    await loadEngine();
    const body = (type: string) =>
      sections.filter((section) => section.type === type).flatMap((section) => section.body);
    const [output, ...others] = body("output");
    if (output?.kind !== "plugin" || output.name !== "opensearch" || others.length > 0) {
      throw new ConfigurationError("one opensearch output without conditions is known to the interpreter");
    }
    return new Pipeline(compile(body("filter"), now), makeOutput(output));
  }

  /** Runs the filters on the event, which they change, and says what the output would send. */
  run(event: LogstashEvent): Indexed {
    this.filter(event);
    return this.output(event);
  }
}

function compile(statements: readonly Statement[], now: () => number): Filter {
  const filters = statements.map((statement) =>
    statement.kind === "plugin" ? makeFilter(statement, now) : compileBranch(statement, now),
  );
  return (event) => {
    for (const filter of filters) {
      filter(event);
    }
  };
}

function compileBranch({ branches, otherwise }: Branch, now: () => number): Filter {
  const cases = branches.map(({ condition, body }) => ({
    holds: compileCondition(condition),
    filter: compile(body, now),
  }));
  const last = compile(otherwise, now);
  return (event) => (cases.find(({ holds }) => holds(event))?.filter ?? last)(event);
}

type Condition = (event: LogstashEvent) => boolean;

/** Source: logstash-core 7.16.3, org.logstash.config.ir.compiler.EventCondition. */
function compileCondition(expression: Expression): Condition {
  switch (expression.kind) {
    case "condition":
      return joined(expression.first, expression.rest);
    case "not": {
      const inner = compileCondition(expression.expression);
      return (event) => !inner(event);
    }
    case "in": {
      const { item, list } = expression;
      if (item.kind === "string" && list.kind === "selector") {
        return (event) => {
          const value = event.get(list.value);
          return (typeof value === "string" || isList(value)) && value.includes(item.value);
        };
      }
      throw new NotKnown(`${item.kind} in ${list.kind}`);
    }
    case "compare": {
      const { left, operator, right } = expression;
      if (left.kind === "selector" && operator === "==" && (right.kind === "string" || right.kind === "number")) {
        return (event) => event.get(left.value) === right.value;
      }
      throw new NotKnown(`${left.kind} ${operator} ${right.kind}`);
    }
    case "match": {
      const { left, operator, right } = expression;
      if (left.kind !== "selector" || (right.kind !== "regexp" && right.kind !== "string")) {
        throw new NotKnown(`${left.kind} ${operator} ${right.kind}`);
      }
      const pattern = new RubyExpression(right.value);
      // Only a text matches: a number or an object does not, whatever the expression.
      return (event) => {
        const value = event.get(left.value);
        return (typeof value === "string" && pattern.test(value)) === (operator === "=~");
      };
    }
    case "selector":
      return (event) => isTruthy(event.get(expression.value));
    default:
      throw new NotKnown(`${(expression as Operand).kind} as a condition`);
  }
}

function joined(
  first: Expression,
  rest: readonly { readonly operator: string; readonly right: Expression }[],
): Condition {
  const operators = new Set(rest.map(({ operator }) => operator));
  const conditions = [first, ...rest.map(({ right }) => right)].map(compileCondition);
  if (operators.size === 0) {
    return conditions[0] as Condition;
  }
  if (operators.size === 1 && operators.has("and")) {
    return (event) => conditions.every((holds) => holds(event));
  }
  if (operators.size === 1 && operators.has("or")) {
    return (event) => conditions.some((holds) => holds(event));
  }
  throw new NotKnown(`conditions joined by ${[...operators].join(" and ")} without parentheses`);
}

function isTruthy(value: Value): boolean {
  if (value === null || value === false) {
    return false;
  }
  return isList(value) || isFields(value) || value instanceof Timestamp || !["", "false"].includes(String(value));
}

/** logstash-output-opensearch: index and id are templates; the other settings are the connection's and the template's. */
function makeOutput(plugin: PluginNode): (event: LogstashEvent) => Indexed {
  const settings = new Settings(plugin);
  const index = settings.text("index");
  const id = settings.text("document_id");
  settings.ignore("hosts", "auth_type", "ecs_compatibility", "template_name", "template", "template_overwrite");
  settings.ignore("manage_template", "action");
  settings.refuseOthers();
  if (index === undefined || id === undefined) {
    throw new ConfigurationError(`line ${plugin.line}: opensearch needs index and document_id`);
  }
  return (event) => ({ index: event.format(index), id: event.format(id), document: event.toDocument() });
}
