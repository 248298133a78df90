import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { SSMClient } from "@aws-sdk/client-ssm";
import { STSClient } from "@aws-sdk/client-sts";

/** What a client is made from, but for its region: nothing for AWS with the credentials of this shell. */
export interface ClientConfig {
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** AWS as releases ask it. */
export interface Clients {
  readonly ecs: ECSClient;
  /** Of any region: the repository may lie in another one than the environment. */
  readonly ecr: (region: string) => ECRClient;
  readonly logs: CloudWatchLogsClient;
  readonly ssm: SSMClient;
  readonly sts: STSClient;
}

export function createClients(region: string, config: ClientConfig = {}): Clients {
  const settings = { region, ...config };
  return {
    ecs: new ECSClient(settings),
    ecr: (other) => new ECRClient({ ...settings, region: other }),
    logs: new CloudWatchLogsClient(settings),
    ssm: new SSMClient(settings),
    sts: new STSClient(settings),
  };
}
