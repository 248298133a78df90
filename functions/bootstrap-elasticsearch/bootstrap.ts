import type { Storage } from "../../facts/elasticsearch";
import { type Patience, patiently } from "../parts/patience";
import { type Answer, type Body, type Domain, Refusal, Unavailable } from "./domain";
import { type IndexTemplate, storedTemplate } from "./index-template";
import { lifecyclePolicy } from "./policy";
import { differing, imported, readSavedObjects } from "./saved-objects";
import { has, isObject, same } from "./stored";

/** What Terraform asks for. */
export interface Request extends Storage {
  /** Takes manual snapshots, by a role that the domain's service assumes. */
  readonly snapshots: { readonly bucket: string; readonly region: string; readonly roleArn: string };
}

/** What is put into the domain, under one name: template, policy and repository are called so. */
export interface Content {
  readonly name: string;
  /** Logstash's. */
  readonly template: IndexTemplate;
  /** Kibana's saved objects, as it exports them. */
  readonly savedObjects: string;
}

export type Change = "created" | "updated" | "unchanged";

/** What was done. The state keeps it. */
export interface Result {
  readonly template: Change;
  readonly policy: Change;
  readonly repository: Change;
  /** Indices that took the policy, or its new version. */
  readonly indices: readonly string[];
  /** Saved objects that were written, as `type/id`. */
  readonly savedObjects: readonly string[];
}

/** Indices whose names fit in one line of a request: Elasticsearch takes 4096 bytes (http.max_initial_line_length). */
const indicesAtOnce = 50;

const policySetting = "index.opendistro.index_state_management.policy_id";

/**
 * Brings a domain to what is wanted. It compares before it writes, so that it is safe to run again: what stands already is left as it
 * is. A domain that does not answer, or whose policies do not hold yet, is waited for.
 * @throws Refusal with the domain's answer
 */
export async function bootstrap(
  request: Request,
  content: Content,
  domain: Domain,
  patience: Patience,
): Promise<Result> {
  const bootstrap = new Bootstrap(request, content, domain, patience);
  return bootstrap.run();
}

class Bootstrap {
  constructor(
    private readonly request: Request,
    private readonly content: Content,
    private readonly domain: Domain,
    private readonly patience: Patience,
  ) {}

  async run(): Promise<Result> {
    await this.expectVersion();
    const template = await this.template();
    const policy = await this.policy();
    return {
      template,
      policy,
      indices: await this.indices(policy),
      repository: await this.repository(),
      savedObjects: await this.savedObjects(),
    };
  }

  /** The answer, which is of status 2xx or one of those that are allowed. */
  private ask(
    method: string,
    path: string,
    {
      body,
      headers,
      allowed = [],
    }: { body?: object | Body; headers?: Record<string, string>; allowed?: number[] } = {},
  ): Promise<Answer> {
    const passes = (error: unknown) => error instanceof Unavailable || (error instanceof Refusal && error.passes);
    return patiently(this.patience, passes, async () => {
      const answer = await this.domain.send(method, path, body, headers);
      if (answer.status >= 300 && !allowed.includes(answer.status)) {
        throw new Refusal(method, path, answer);
      }
      return answer;
    });
  }

  private async expectVersion(): Promise<void> {
    const { body } = await this.ask("GET", "/");
    const version = isObject(body) && isObject(body.version) ? String(body.version.number) : JSON.stringify(body);
    if (!version.startsWith("7.10.")) {
      throw new Error(`The domain is version ${version}; this prepares Elasticsearch 7.10.`);
    }
  }

  private async template(): Promise<Change> {
    const { name } = this.content;
    const wanted = { order: 0, aliases: {}, ...storedTemplate(this.content.template, this.request) };
    const path = `/_template/${name}`;
    const { body } = await this.ask("GET", path, { allowed: [404] });
    const stands = isObject(body) ? body[name] : undefined;
    if (same(stands, wanted)) {
      return "unchanged";
    }
    await this.ask("PUT", path, { body: wanted });
    return stands === undefined ? "created" : "updated";
  }

  private async policy(): Promise<Change> {
    const path = `/_opendistro/_ism/policies/${this.content.name}`;
    const wanted = lifecyclePolicy(this.indexPattern, this.request.retentionDays);
    const { status, body } = await this.ask("GET", path, { allowed: [404] });
    if (status === 404) {
      await this.ask("PUT", path, { body: { policy: wanted } });
      return "created";
    }
    const { policy, _seq_no: number, _primary_term: term } = body as Record<string, unknown>;
    if (has(policy, wanted)) {
      return "unchanged";
    }
    await this.ask("PUT", `${path}?if_seq_no=${number}&if_primary_term=${term}`, { body: { policy: wanted } });
    return "updated";
  }

  /** Indices that were there before the policy take it, and those that have it take its new version. Other policies are left. */
  private async indices(policy: Change): Promise<string[]> {
    const { name } = this.content;
    const { body } = await this.ask("GET", `/_opendistro/_ism/explain/${this.indexPattern}`, { allowed: [404] });
    const found = Object.entries(isObject(body) ? body : {}).filter(([, each]) => isObject(each));
    const of = (id: string | null) =>
      found
        .filter(([, each]) => ((each as Record<string, unknown>)[policySetting] ?? null) === id)
        .map(([index]) => index);
    const without = of(null);
    const outdated = policy === "updated" ? of(name) : [];
    await this.attach("add", without);
    await this.attach("change_policy", outdated);
    return [...without, ...outdated].sort();
  }

  private async attach(operation: "add" | "change_policy", indices: readonly string[]): Promise<void> {
    for (let start = 0; start < indices.length; start += indicesAtOnce) {
      const path = `/_opendistro/_ism/${operation}/${indices.slice(start, start + indicesAtOnce).join(",")}`;
      const answer = await this.ask("POST", path, { body: { policy_id: this.content.name } });
      if (!isObject(answer.body) || answer.body.failures !== false) {
        throw new Refusal("POST", path, answer);
      }
    }
  }

  private async repository(): Promise<Change> {
    const { name } = this.content;
    const { bucket, region, roleArn } = this.request.snapshots;
    const wanted = { type: "s3", settings: { bucket, region, role_arn: roleArn } };
    const path = `/_snapshot/${name}`;
    const { status, body } = await this.ask("GET", path, { allowed: [404] });
    if (status !== 404 && has(body, { [name]: wanted })) {
      return "unchanged";
    }
    await this.ask("PUT", path, { body: wanted });
    return status === 404 ? "created" : "updated";
  }

  private async savedObjects(): Promise<string[]> {
    const wanted = readSavedObjects(this.content.savedObjects);
    const kibana = "/_plugin/kibana/api/saved_objects";
    const headers = { "kbn-xsrf": "true" };
    const ids = wanted.map(({ type, id }) => ({ type, id }));
    const { body } = await this.ask("POST", `${kibana}/_bulk_get`, { body: ids, headers });
    const changed = differing(wanted, body);
    if (changed.length > 0) {
      const path = `${kibana}/_import?overwrite=true`;
      const answer = await this.ask("POST", path, { body: imported(changed), headers });
      if (!isObject(answer.body) || answer.body.success !== true) {
        throw new Refusal("POST", path, answer);
      }
    }
    return changed.map(({ type, id }) => `${type}/${id}`);
  }

  private get indexPattern(): string {
    return this.content.template.index_patterns.join(",");
  }
}
