import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { App } from "cdktf";
import { LogStream } from "../../../constructs/log-stream";
import { Logs } from "../../../constructs/logs";
import { development } from "../../../environments/development";
import { RootModule } from "../../../stacks/root-module";

const { accountId, region, names, name: environment } = development;

/** The log groups and their stream, as in development but for the number of shards. */
class LogStreamStack extends RootModule {
  constructor(app: App, shards: number) {
    super(app, "log-stream", development);
    new AwsProvider(this, "aws", { region, allowedAccountIds: [accountId] });
    const deployment = { prefix: names.prefix, environment, region, accountId };
    const topic = new SnsTopic(this, "aws_sns_topic.alerts", { name: "alerts" });
    new LogStream(this, "log-stream", {
      deployment,
      logs: new Logs(this, "logs", { deployment, slowSeconds: 2 }),
      shards,
      topics: { page: topic, ticket: topic, compliance: topic },
    });
  }
}

/** Writes `<outdir>/stacks/log-stream`. */
export function synthesizeLogStream(outdir: string, shards: number): void {
  const app = new App({ outdir, stackTraces: false });
  new LogStreamStack(app, shards);
  app.synth();
}
