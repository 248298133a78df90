import type { Block, Synthesized } from "./synth";

/**
 * Values of Terraform's expressions, as AWS would have them after an apply: a resource's attribute is its argument of that
 * name, or an ARN or id made of its name. Variables have their defaults.
 */
export class Evaluator {
  /** Of the provider: the account's id and the region. */
  readonly account: string;
  readonly region: string;

  constructor(readonly stack: Synthesized) {
    const [provider] = (stack.json.provider as { readonly aws: readonly [Block] }).aws;
    this.account = String((provider.allowed_account_ids as string[])[0]);
    this.region = String(this.evaluate(provider.region));
  }

  /** The ARN of a resource of the stack. */
  arn(address: string): string {
    return this.attribute(address, "arn");
  }

  /** A value with every string in it evaluated. */
  evaluate<T>(value: T): T {
    if (typeof value === "string") {
      return this.template(value) as T;
    }
    if (Array.isArray(value)) {
      return value.flatMap((item) => this.evaluate(item)) as T;
    }
    if (typeof value !== "object" || value === null) {
      return value;
    }
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.evaluate(item)])) as T;
  }

  private template(text: string): unknown {
    const whole = new Expression(text, this.reference);
    const parts: unknown[] = [];
    while (!whole.atEnd()) {
      parts.push(whole.part());
    }
    return parts.length === 1 ? parts[0] : parts.join("");
  }

  private readonly reference = (path: string): unknown => {
    const [, variable] = /^var\.(\w+)$/.exec(path) ?? [];
    if (variable) {
      return this.stack.variable(variable).default;
    }
    if (path === "data.aws_caller_identity.current.account_id") {
      return this.account;
    }
    const [, address, attribute] = /^((?:data\.)?\w+\.\w+)\.(\w+)$/.exec(path) ?? [];
    if (!address || !attribute) {
      throw new Error(`${path}: not understood`);
    }
    return this.attribute(address, attribute);
  };

  private attribute(address: string, attribute: string): string {
    const config = this.stack.resource(address);
    const [type = "", label = ""] = address.split(".");
    const identity = identities[type];
    if (attribute !== "arn" && attribute !== "id" && attribute in config) {
      return String(this.evaluate(config[attribute]));
    }
    if (type === "aws_ecr_repository" && attribute === "repository_url") {
      return `${this.account}.dkr.ecr.${this.region}.amazonaws.com/${this.evaluate(config.name)}`;
    }
    if (address.startsWith("data.aws_kms_alias.") && attribute === "target_key_arn") {
      const region =
        String(config.provider ?? "")
          .split(".")[1]
          ?.replaceAll("_", "-") ?? this.region;
      return `arn:aws:kms:${region}:${this.account}:key/${String(config.name).replace("alias/", "")}`;
    }
    const name = identity && String(identity.name ? this.evaluate(config[identity.name]) : label);
    if (!identity || !name || !["arn", "id"].includes(attribute)) {
      throw new Error(`${address}.${attribute}: add the type to the table of this file`);
    }
    if (attribute === "id" && !identity.idIsArn) {
      return name;
    }
    return `arn:aws:${identity.arn}`
      .replace("REGION", this.region)
      .replace("ACCOUNT", this.account)
      .replace("NAME", name);
  }
}

/** How AWS names what Terraform calls a type: the argument that holds the name (default: the label), and the ARN's form. */
const identities: Readonly<
  Record<string, { readonly name?: string; readonly arn: string; readonly idIsArn?: boolean }>
> = {
  aws_cloudfront_distribution: { arn: "cloudfront::ACCOUNT:distribution/NAME" },
  aws_cloudwatch_event_rule: { name: "name", arn: "events:REGION:ACCOUNT:rule/NAME" },
  aws_cloudwatch_log_group: { name: "name", arn: "logs:REGION:ACCOUNT:log-group:NAME" },
  aws_db_instance: { name: "identifier", arn: "rds:REGION:ACCOUNT:db:NAME" },
  aws_dynamodb_table: { name: "name", arn: "dynamodb:REGION:ACCOUNT:table/NAME" },
  aws_ecr_repository: { name: "name", arn: "ecr:REGION:ACCOUNT:repository/NAME" },
  aws_ecs_cluster: { name: "name", arn: "ecs:REGION:ACCOUNT:cluster/NAME", idIsArn: true },
  aws_ecs_task_definition: { name: "family", arn: "ecs:REGION:ACCOUNT:task-definition/NAME:1" },
  aws_elasticache_replication_group: {
    name: "replication_group_id",
    arn: "elasticache:REGION:ACCOUNT:replicationgroup:NAME",
  },
  aws_elasticsearch_domain: { name: "domain_name", arn: "es:REGION:ACCOUNT:domain/NAME", idIsArn: true },
  aws_iam_role: { name: "name", arn: "iam::ACCOUNT:role/NAME" },
  aws_kinesis_firehose_delivery_stream: { name: "name", arn: "firehose:REGION:ACCOUNT:deliverystream/NAME" },
  aws_kinesis_stream: { name: "name", arn: "kinesis:REGION:ACCOUNT:stream/NAME" },
  aws_kms_key: { arn: "kms:REGION:ACCOUNT:key/NAME" },
  aws_lambda_function: { name: "function_name", arn: "lambda:REGION:ACCOUNT:function:NAME" },
  aws_s3_bucket: { name: "bucket", arn: "s3:::NAME" },
  aws_scheduler_schedule: { name: "name", arn: "scheduler:REGION:ACCOUNT:schedule/default/NAME" },
  aws_secretsmanager_secret: { name: "name", arn: "secretsmanager:REGION:ACCOUNT:secret:NAME-AbCdEf", idIsArn: true },
  aws_sns_topic: { name: "name", arn: "sns:REGION:ACCOUNT:NAME", idIsArn: true },
  aws_sqs_queue: { name: "name", arn: "sqs:REGION:ACCOUNT:NAME" },
  aws_ssm_parameter: { name: "name", arn: "ssm:REGION:ACCOUNT:parameterNAME" },
};

type Reference = (path: string) => unknown;

/** Text with `${...}`: references, strings, and calls of the functions below. */
class Expression {
  private position = 0;

  constructor(
    private readonly text: string,
    private readonly reference: Reference,
  ) {}

  atEnd(): boolean {
    return this.position >= this.text.length;
  }

  /** Text up to the next `${`, or one `${...}`. */
  part(): unknown {
    if (this.take("${")) {
      const value = this.value();
      this.expect("}");
      return value;
    }
    const next = this.text.indexOf("${", this.position);
    const part = this.text.slice(this.position, next === -1 ? undefined : next);
    this.position += part.length;
    return part;
  }

  private value(): unknown {
    this.skipSpace();
    if (this.text[this.position] === '"') {
      return this.string();
    }
    const [word] = /^[\w.]+/.exec(this.text.slice(this.position)) ?? [];
    if (!word) {
      throw this.unexpected();
    }
    this.position += word.length;
    if (!this.take("(")) {
      return word === "null" ? null : this.reference(word);
    }
    const call = functions[word];
    if (!call) {
      throw new Error(`${word}(): add the function to the table of this file`);
    }
    const values: unknown[] = [];
    while (!this.take(")")) {
      values.push(this.value());
      this.take(",");
      this.skipSpace();
    }
    return call(...values);
  }

  private string(): string {
    this.expect('"');
    const parts: unknown[] = [];
    while (!this.take('"')) {
      if (this.atEnd()) {
        throw this.unexpected();
      }
      if (this.text.startsWith("${", this.position)) {
        parts.push(this.part());
      } else {
        if (this.text[this.position] === "\\") {
          this.position += 1;
        }
        parts.push(this.text[this.position]);
        this.position += 1;
      }
    }
    return parts.join("");
  }

  private take(text: string): boolean {
    if (!this.text.startsWith(text, this.position)) {
      return false;
    }
    this.position += text.length;
    return true;
  }

  private expect(text: string): void {
    if (!this.take(text)) {
      throw this.unexpected();
    }
  }

  private skipSpace(): void {
    while (this.text[this.position] === " ") {
      this.position += 1;
    }
  }

  private unexpected(): Error {
    return new Error(`unexpected: ${this.text.slice(this.position, this.position + 60) || "end of text"}`);
  }
}

const functions: Readonly<Record<string, (...values: unknown[]) => unknown>> = {
  coalesce: (...values) => values.find((value) => value !== null && value !== ""),
  replace: (text, pattern, by) => {
    const [, form] = /^\/(.*)\/$/.exec(String(pattern)) ?? [];
    return form === undefined
      ? String(text).replaceAll(String(pattern), String(by))
      : String(text).replace(new RegExp(form, "g"), String(by));
  },
};
