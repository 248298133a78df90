import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../..");

/** A code block of a document that a shell can run. */
export interface Block {
  /** Path in the project. */
  readonly document: string;
  /** Commands with their comments, without the block's indentation; no empty ones. */
  readonly lines: readonly string[];
}

/** Every block of shell commands (`sh`, `bash`, `shell`, `console`) in the project's documents, in their order. */
export function documentedBlocks(): Block[] {
  const documents = execFileSync("git", ["ls-files", "*.md"], { cwd: root, encoding: "utf8" }).trim().split("\n");
  return documents.flatMap((document) => blocksOf(document, readFileSync(join(root, document), "utf8")));
}

export function blocksOf(document: string, text: string): Block[] {
  const fences = text.matchAll(/^( *)```(?:sh|bash|shell|console)\n([\s\S]*?)^ *```$/gm);
  return [...fences].map(([, indentation = "", body = ""]) => ({
    document,
    lines: body
      .split("\n")
      .map((line) => line.slice(indentation.length))
      .filter((line) => line.trim() !== ""),
  }));
}

/** The command of a line: without the comment behind it. */
export function commandOf(line: string): string {
  return line.replace(/\s+# .*$/, "").trim();
}

const account = "an AWS account";
const placeholder = "a value of the reader's in place of the placeholder";

/** Commands that `e2e/development/documents.ts` does not run, by the command as it is written, with what each needs that it has not. */
export const notRun: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "docs/edge.md": {
    "group=$(aws elbv2 describe-target-groups --names skymanuals-internal --query 'TargetGroups[0].TargetGroupArn' --output text)":
      "production, between two applies",
    'aws elbv2 describe-target-health --target-group-arn "$group"': "production, between two applies",
  },
  "docs/log-archive.md": {
    'aws s3 cp "s3://<archive bucket>/logs/day=2026-11-25/<object>.gz" - | gunzip': placeholder,
    "aws s3api list-objects-v2 --bucket <archive bucket> --prefix \"logs/day=$(date -u +%F)/\" --query 'Contents[].Key'":
      placeholder,
    "aws s3api get-object-retention --bucket <archive bucket> --key <one of them>": placeholder,
  },
  "docs/log-stream.md": {
    "aws ecs update-service --cluster <cluster> --service <prefix>-logstash --desired-count 0": placeholder,
    "aws dynamodb scan --table-name <prefix>-logstash --query 'Items[].leaseKey.S' --output text": placeholder,
    'aws dynamodb delete-item --table-name <prefix>-logstash --key \'{"leaseKey": {"S": "<shard>"}}\'': placeholder,
    "aws ecs update-service --cluster <cluster> --service <prefix>-logstash --desired-count 1": placeholder,
    "docker build --platform linux/amd64 --tag skymanuals-logstash logstash": "Docker",
    "docker run --rm --env LOG_STREAM=logs --env LOG_POSITIONS=logs --env AWS_REGION=us-east-1 --env EVENTS_IN_FLIGHT=500 --env ELASTICSEARCH_ENDPOINT=https://localhost:443 skymanuals-logstash logstash --config.test_and_exit -f /usr/share/logstash/pipeline":
      "Docker",
    "aws logs filter-log-events --log-group-name /ecs/<prefix>-api --limit 1 --query 'events[].[eventId,message]'":
      placeholder,
  },
  "README.md": {
    "npm ci && npm test": "the test would run itself: CI runs npm ci, then npm test, then this",
    "sed 's/staging/qa/g' environments/staging.ts > environments/qa.ts":
      "a copy of the project: new-environment.test.ts runs it in one",
    "docker build --platform linux/amd64 --tag <repository>:7.16.3-3 logstash": placeholder,
    "docker push <repository>:7.16.3-3": placeholder,
  },
  "CONTRIBUTING.md": {
    "npm ci": "the test would pull its own packages away: CI runs it first",
    "npm run check": "CI runs its parts before this test",
    "docker run --rm -p 9200:9200 -e discovery.type=single-node -e opendistro_security.disabled=true amazon/opendistro-for-elasticsearch:1.13.3":
      "Docker",
    "ELASTICSEARCH_URL=http://localhost:9200 npx jest __tests__/functions/bootstrap-elasticsearch/contract":
      "a container: npm test runs it against the emulator's domain",
  },
  "docs/preflight.md": {
    "(cd cdktf.out/stacks/skymanuals-production && terraform init && terraform plan -out=production.tfplan)": account,
    "npm run preflight -- production --plan cdktf.out/stacks/skymanuals-production/production.tfplan": account,
  },
  "docs/compliance.md": {
    "npm run compliance -- production": "minutes: it makes the plans of every stack",
    "npm run checkov -- production": "minutes: it makes the plans of every stack",
    "npm run compliance -- production --json": "minutes: it makes the plans of every stack",
    "npm run compliance -- production --prowler skymanuals_aviation_aws.json --oscal assessment-results.json":
      "minutes: it makes the plans of every stack",
    "(cd cdktf.out/stacks/skymanuals-production && terraform init && terraform plan -out=production.tfplan)": account,
    "(cd cdktf.out/stacks/skymanuals-account-production && terraform init && terraform plan -out=account.tfplan)":
      account,
    "npm run compliance -- production --plan cdktf.out/stacks/skymanuals-production/production.tfplan --plan cdktf.out/stacks/skymanuals-account-production/account.tfplan":
      account,
  },
  "docs/adoption.md": {
    "terraform plan -var-file=environments/production.tfvars": "the documented files, which are no part of the project",
    "terraform state pull > /secure/place/documented.tfstate": account,
    "aws iam get-role --role-name AWSServiceRoleForAmazonElasticsearchService": account,
    "npm run adopt -- --state /secure/place/documented.tfstate":
      "a documented state: adoption.test.ts runs it with one",
    "aws rds modify-db-instance --db-instance-identifier skymanuals-postgres --ca-certificate-identifier rds-ca-rsa2048-g1 --apply-immediately":
      "a database from before 2024: adoption.test.ts makes the same change",
    "export TF_VAR_database_password='the password that the database has now'": account,
    "terraform init": account,
    "terraform plan -out=first.tfplan": account,
    "terraform apply first.tfplan": account,
  },
  "docs/benchmark.md": {
    "npm ci": "the test would pull its own packages away: CI runs it first",
    "npm run bench": "minutes on a quiet machine",
    "npm run bench -- --runs 15 --json": "minutes on a quiet machine",
  },
  "docs/custody.md": {
    "npm run verify:custody -- production": account,
    "npm run verify:custody -- production --objects": account,
    "npm run verify:custody -- --bucket NAME": placeholder,
  },
  "docs/logs.md": {
    "aws logs filter-log-events --log-group-name /ecs/skymanuals-logstash --filter-pattern '\"Could not index event to OpenSearch\"'":
      account,
    'LOGSTASH_IMAGE="$(docker build --quiet --platform linux/amd64 logstash)" npm test -- golden-events': "Docker",
  },
  "docs/log-store.md": {
    "host=$(aws es describe-elasticsearch-domain --domain-name skymanuals-logs --query DomainStatus.Endpoints.vpc --output text)":
      account,
    "task=$(aws ecs list-tasks --cluster skymanuals --service-name skymanuals-logstash --query 'taskArns[0]' --output text)":
      account,
    "container=$(aws ecs describe-tasks --cluster skymanuals --tasks \"$task\" --query 'tasks[0].containers[0].runtimeId' --output text)":
      account,
    'aws ssm start-session --target "ecs:skymanuals_${task##*/}_$container" --document-name AWS-StartPortForwardingSessionToRemoteHost --parameters "host=$host,portNumber=443,localPortNumber=8443"':
      account,
    'aws-es-proxy -endpoint "https://$host:8443" -listen 127.0.0.1:9200': account,
  },
  "docs/migrations.md": {
    "npm run release -- staging 1.4.2": account,
    "cd cdktf.out/stacks/skymanuals-staging": account,
    'eval "$(terraform output -raw migrate_command)"': account,
    "aws ecs wait tasks-stopped --cluster skymanuals-staging --tasks <ARN>": account,
    "aws ecs describe-tasks --cluster skymanuals-staging --tasks <ARN> --query 'tasks[0].containers[0].exitCode'":
      account,
    "aws logs tail /ecs/skymanuals-staging-migrations --since 1h": account,
  },
  "docs/recovery.md": Object.fromEntries(
    blocksOf("docs/recovery.md", readFileSync(join(root, "docs/recovery.md"), "utf8"))
      .flatMap(({ lines }) => lines)
      .map((line) => [
        commandOf(line),
        line.trim() === "npm run recovery:drill"
          ? "two environments: production.test.ts rehearses with its own"
          : account,
      ]),
  ),
  // operations.test.ts holds its commands to the stacks' outputs.
  "docs/backups.md": Object.fromEntries(
    blocksOf("docs/backups.md", readFileSync(join(root, "docs/backups.md"), "utf8"))
      .flatMap(({ lines }) => lines)
      .map((line) => [commandOf(line), account]),
  ),
  "docs/operations.md": Object.fromEntries(
    blocksOf("docs/operations.md", readFileSync(join(root, "docs/operations.md"), "utf8"))
      .flatMap(({ lines }) => lines)
      .map((line) => [commandOf(line), account]),
  ),
  "docs/releases.md": {
    "aws ecr get-login-password | docker login --username AWS --password-stdin 111111111111.dkr.ecr.us-east-1.amazonaws.com":
      account,
    "docker push 111111111111.dkr.ecr.us-east-1.amazonaws.com/skymanuals-staging-api:1.0.0": account,
    "npm run release -- staging 1.0.0": account,
    "npm run release -- staging 1.4.2": account,
    "npm run release -- staging 1.4.1 --no-migrate": account,
    "npm run rollout -- staging --wait": account,
  },
  "docs/state.md": {
    "npx cdktf deploy skymanuals-state-nonprod": account,
  },
};

/** Blocks as `e2e/development/documents.ts` runs them: without the commands that are not run, and without blocks of which none is left. */
export function blocksToRun(): Block[] {
  return documentedBlocks()
    .map(({ document, lines }) => ({
      document,
      lines: lines.filter((line) => notRun[document]?.[commandOf(line)] === undefined),
    }))
    .filter(({ lines }) => lines.length > 0);
}
