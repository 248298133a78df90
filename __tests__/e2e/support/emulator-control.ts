import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { Client } from "pg";
import { parseUrl } from "../../../functions/bootstrap-database/connect";

/** What a planted fault does to the next `count` calls of an operation; see emulator/faults.py. */
export interface Fault {
  /** The service's name in botocore, such as `rds`. */
  readonly service: string;
  readonly operation: string;
  /** Default: 1. */
  readonly count?: number;
  /** An error instead of an answer. */
  readonly code?: string;
  readonly message?: string;
  /** Held for so long before it is carried out, even if the caller has given up. */
  readonly delaySeconds?: number;
}

export interface PlantedFault extends Fault {
  /** Calls that met it so far, held ones included. */
  readonly hits: number;
}

export interface InventoryItem {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

/** Data points of one metric, as an AWS service would send them; see emulator/extensions/cloudwatch_metrics.py. */
export interface MetricData {
  readonly region: string;
  /** `AWS/...` too, which PutMetricData refuses. */
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  /** The last one is of now, the one before it `periodSeconds` older, and so on. */
  readonly values: readonly number[];
  /** Default: 60. */
  readonly periodSeconds?: number;
}

export type AlarmState = "ALARM" | "INSUFFICIENT_DATA" | "OK";

/** What a service sent to a topic; `reason` is null where the topic's policy and its key admitted it. */
export interface Delivery {
  /** ARN of the alarm, the rule, or, for what did not get from a topic to a queue, the topic. */
  readonly source: string;
  readonly target: string;
  readonly subject: string | null;
  readonly message: string;
  readonly reason: string | null;
}

/** A queue that is subscribed to a topic. */
export interface Listener {
  /** What arrived since the last call: subject, and the message as sent. */
  messages(): Promise<{ readonly subject: string | undefined; readonly message: string }[]>;
  /** Removes the queue and the subscription. */
  close(): Promise<void>;
}

/** The emulator as a test sees it: its control routes, and AWS's API without a client library. */
export class EmulatorControl {
  constructor(
    readonly url: string,
    /** File with the certificate of the authority that the databases' certificates are issued by. */
    private readonly authority: string,
  ) {}

  inventory(): Promise<InventoryItem[]> {
    return this.control("GET", "inventory");
  }

  health(): Promise<{ readonly ok: boolean; readonly pid: number; readonly accountId: string }> {
    return this.control("GET", "health");
  }

  async plant(...faults: readonly Fault[]): Promise<void> {
    for (const fault of faults) {
      await this.control("POST", "faults", fault);
    }
  }

  faults(): Promise<PlantedFault[]> {
    return this.control("GET", "faults");
  }

  /** Forgets the faults; calls that are being held go on. */
  async clearFaults(): Promise<void> {
    await this.control("DELETE", "faults");
  }

  /** What the containers of an image do from now on; see emulator/containers.py. */
  async containers(program: {
    readonly image: string;
    readonly command?: readonly string[];
    readonly exitCode?: number;
    readonly startSeconds?: number;
  }): Promise<void> {
    await this.control("POST", "containers", program);
  }

  /** Sends metric data, and evaluates the alarms that watch the metric: their states by name. */
  async putMetric(data: MetricData): Promise<Readonly<Record<string, AlarmState>>> {
    const { alarms } = await this.control<{ alarms: Record<string, AlarmState> }>("POST", "metrics", data);
    return alarms;
  }

  /** Forgets all metric data. */
  async clearMetrics(): Promise<void> {
    await this.control("DELETE", "metrics");
  }

  /** Evaluates every alarm at a time (ISO 8601; default: the emulator's clock): states by region and name. */
  async evaluateAlarms(at?: string): Promise<Readonly<Record<string, Readonly<Record<string, AlarmState>>>>> {
    type States = Record<string, Record<string, AlarmState>>;
    const { states } = await this.control<{ states: States }>("POST", "alarms/evaluate", at ? { at } : {});
    return states;
  }

  /** What alarms and rules sent so far, oldest first. */
  deliveries(): Promise<Delivery[]> {
    return this.control("GET", "deliveries");
  }

  /** Takes a region away as a whole; see emulator/regions.py. */
  async loseRegion(region: string): Promise<void> {
    await this.control("POST", "lost-regions", { region });
  }

  /** Gives back what was taken away. */
  async giveRegionsBack(): Promise<void> {
    await this.control("DELETE", "lost-regions");
  }

  lostRegions(): Promise<{ readonly region: string; readonly since: string }[]> {
    return this.control("GET", "lost-regions");
  }

  /** What the schedule of a backup plan or a restore testing plan does: the ids of its jobs. */
  async comesDue(region: string, plan: string): Promise<string[]> {
    const { jobs } = await this.control<{ jobs: string[] }>("POST", "backup-plans", { region, plan });
    return jobs;
  }

  /** Subscribes a queue, which admits the topic, to a topic of us-east-1. */
  async listen(topicArn: string): Promise<Listener> {
    const name = `listener-${randomUUID()}`;
    const arn = topicArn.replace(/:sns:(.*):[^:]+$/, `:sqs:$1:${name}`);
    const statement = {
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arn,
      Condition: { ArnEquals: { "aws:SourceArn": topicArn } },
    };
    const { QueueUrl } = await this.call<{ QueueUrl: string }>("sqs", "AmazonSQS.CreateQueue", {
      QueueName: name,
      Attributes: { Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) },
    });
    const subscribed = await this.sns("Subscribe", { TopicArn: topicArn, Protocol: "sqs", Endpoint: arn });
    const subscription = /<SubscriptionArn>(.*)<\/SubscriptionArn>/.exec(subscribed)?.[1] ?? "";
    return {
      messages: async () => {
        const { Messages = [] } = await this.call<{ Messages?: { Body: string; ReceiptHandle: string }[] }>(
          "sqs",
          "AmazonSQS.ReceiveMessage",
          { QueueUrl, MaxNumberOfMessages: 10 },
        );
        for (const { ReceiptHandle } of Messages) {
          await this.call("sqs", "AmazonSQS.DeleteMessage", { QueueUrl, ReceiptHandle });
        }
        return Messages.map(({ Body }) => {
          const { Subject, Message } = JSON.parse(Body) as { Subject?: string; Message: string };
          return { subject: Subject, message: Message };
        });
      },
      close: async () => {
        await this.sns("Unsubscribe", { SubscriptionArn: subscription });
        await this.call("sqs", "AmazonSQS.DeleteQueue", { QueueUrl });
      },
    };
  }

  /** Puts an image of its own into a repository of ECR; its digest. */
  async push(repositoryName: string, imageTag: string): Promise<string> {
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const layers = [
      { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", size: 1, digest: `sha256:${imageTag}` },
    ];
    const { image } = await this.call<{ image: { imageId: { imageDigest: string } } }>(
      "ecr",
      "AmazonEC2ContainerRegistry_V20150921.PutImage",
      {
        repositoryName,
        imageManifest: JSON.stringify({ schemaVersion: 2, mediaType, config: layers[0], layers }),
        imageTag,
      },
    );
    return image.imageId.imageDigest;
  }

  /** Calls an operation of a service with the JSON protocol. */
  async call<T>(service: string, target: string, members: object): Promise<T> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: {
        ...signature(service),
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": target,
      },
      body: JSON.stringify(members),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${target}: ${response.status} ${text}`);
    }
    return JSON.parse(text || "{}") as T;
  }

  /** As if an alarm of us-east-1 had been evaluated so; its actions are told. */
  async setAlarmState(name: string, state: AlarmState): Promise<void> {
    await this.query("monitoring", "2010-08-01", "SetAlarmState", {
      AlarmName: name,
      StateValue: state,
      StateReason: "set by a test",
    });
  }

  private sns(action: string, members: Readonly<Record<string, string>>): Promise<string> {
    return this.query("sns", "2010-03-31", action, members);
  }

  /** Calls an operation of a service with the query protocol. */
  private async query(
    service: string,
    version: string,
    action: string,
    members: Readonly<Record<string, string>>,
  ): Promise<string> {
    const response = await fetch(this.url, {
      method: "POST",
      headers: { ...signature(service), "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ Action: action, Version: version, ...members }),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${service}.${action}: ${response.status} ${text}`);
    }
    return text;
  }

  /** A request to S3: `path` is /bucket or /bucket/key. */
  s3(method: string, path: string, body?: string): Promise<Response> {
    return fetch(this.url + path, { method, headers: signature("s3"), ...(body === undefined ? {} : { body }) });
  }

  async secret(name: string): Promise<string> {
    const { SecretString } = await this.call<{ SecretString: string }>(
      "secretsmanager",
      "secretsmanager.GetSecretValue",
      { SecretId: name },
    );
    return SecretString;
  }

  /** Whether the PostgreSQL of a connection URL takes its user and password, over TLS that proves the server's name. */
  async databaseTakes(url: string): Promise<boolean> {
    const authority = readFileSync(this.authority, "utf8");
    const client = new Client({ ...parseUrl(url), ssl: { ca: authority, rejectUnauthorized: true } });
    try {
      await client.connect();
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "28P01") {
        return false;
      }
      throw error;
    } finally {
      await client.end();
    }
  }

  private async control<T>(method: string, route: string, body?: object): Promise<T> {
    const response = await fetch(`${this.url}/_emulator/${route}`, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    if (!response.ok) {
      throw new Error(`${method} /_emulator/${route}: ${response.status} ${await response.text()}`);
    }
    return (await response.json()) as T;
  }
}

/** The emulator reads the service and the region from it, and checks nothing. */
function signature(service: string): Record<string, string> {
  return {
    authorization:
      `AWS4-HMAC-SHA256 Credential=emulator/20250101/us-east-1/${service}/aws4_request, ` +
      "SignedHeaders=host;x-amz-date, Signature=0",
    "x-amz-date": "20250101T000000Z",
  };
}
