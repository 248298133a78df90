import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { unzipSync } from "fflate";
import { bundleFunction } from "../../constructs/parts/function-bundle";
import { Command, waitFor } from "./support/command";
import { LocalRun, root } from "./support/local-run";
import { story } from "./support/story";

const local = new LocalRun("custody");
const chunks = "chunks-of-the-test";
const audit = "audit-of-the-test";
const parallel = 20;
/** Objects for each process. */
const each = 4;

let s3: S3Client;
let environment: NodeJS.ProcessEnv;
let sqs: SQSClient;
let queueUrl: string;
let topicArn: string;
let invocations = 0;

/** An S3 notification about a new object, as a message of the queue. */
async function putObject(key: string): Promise<string> {
  const { VersionId } = await s3.send(
    new PutObjectCommand({ Bucket: chunks, Key: key, Body: `content of ${key}`, ContentType: "text/plain" }),
  );
  return JSON.stringify({
    Records: [
      {
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Put",
        eventTime: "2026-01-01T00:00:00.000Z",
        userIdentity: { principalId: "AWS:TEST" },
        s3: { bucket: { name: chunks }, object: { key, versionId: VersionId } },
      },
    ],
  });
}

/** A bundled function in a process of its own, with an event. */
function run(source: string, content: object): Command {
  const event = join(local.folder("events"), `${invocations++}.json`);
  writeFileSync(event, JSON.stringify(content));
  return Command.start(process.execPath, [join(local.folder(source), "invoke.js"), event], { env: environment });
}

/** The function that records, with one batch of messages. */
function invoke(messages: readonly string[]): Command {
  return run("custody", { Records: messages.map((body, index) => ({ messageId: String(index), body })) });
}

/** What a function answered that came to its end. */
async function answerOf(command: Command): Promise<unknown> {
  const { stdout } = await command.expectExit(0);
  return JSON.parse(/^answer (.*)$/m.exec(stdout)?.[1] ?? "");
}

const invokeScript = `require("./index.js").handler(require(process.argv[2]))
  .then((answer) => console.log("answer " + JSON.stringify(answer)));`;

interface Verification {
  readonly ok: boolean;
  readonly records: number;
  readonly objects: number | null;
  readonly broken: { readonly sequence: number; readonly problem: string } | null;
}

async function verify(exitCode: number, ...args: string[]): Promise<Verification> {
  const { stdout } = await local.npm("verify:custody", ["--bucket", audit, "--json", ...args]).expectExit(exitCode);
  return JSON.parse(stdout) as Verification;
}

story(
  "the chain of custody on the emulator's S3",
  (step) => {
    let batches: string[][];

    step("two buckets, one of which locks its objects", async () => {
      await local.startEmulator("development");
      environment = {
        ...(await local.environment()),
        AWS_REGION: "us-east-1",
        CHUNKS_BUCKET: chunks,
        AUDIT_BUCKET: audit,
        ALLOWED_CONTENT_TYPES: "text/plain",
        MAXIMUM_BYTES: "1000",
        GRACE_SECONDS: "0",
      };
      const client = {
        endpoint: environment.AWS_ENDPOINT_URL,
        region: "us-east-1",
        credentials: { accessKeyId: "emulator", secretAccessKey: "emulator" },
      };
      s3 = new S3Client(client);
      sqs = new SQSClient(client);
      ({ QueueUrl: queueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "custody" })));
      ({ TopicArn: topicArn = "" } = await new SNSClient(client).send(new CreateTopicCommand({ Name: "tickets" })));
      Object.assign(environment, { QUEUE_URL: queueUrl, TOPIC_ARN: topicArn });
      await s3.send(new CreateBucketCommand({ Bucket: chunks }));
      await s3.send(new CreateBucketCommand({ Bucket: audit, ObjectLockEnabledForBucket: true }));
      for (const Bucket of [chunks, audit]) {
        await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
      }
      await s3.send(
        new PutObjectLockConfigurationCommand({
          Bucket: audit,
          ObjectLockConfiguration: {
            ObjectLockEnabled: "Enabled",
            Rule: { DefaultRetention: { Mode: "COMPLIANCE", Days: 2557 } },
          },
        }),
      );
      for (const source of ["custody", "reconcile-custody", "verify-custody"]) {
        const folder = local.folder(source);
        writeFileSync(join(folder, "index.js"), unzipSync(bundleFunction(source).zip)["index.js"] as Uint8Array);
        writeFileSync(join(folder, "invoke.js"), invokeScript);
      }
      batches = await Promise.all(
        Array.from({ length: parallel }, (_, process) =>
          Promise.all(Array.from({ length: each }, (_, index) => putObject(`${process}/${index}`))),
        ),
      );
    });

    step("twenty processes append at once, one of which is killed in the middle", async () => {
      const processes = batches.map(invoke);
      const victim = processes[7] as Command;
      const list = new ListObjectsV2Command({ Bucket: audit, Prefix: "custody/records/" });
      await waitFor("five records", async () => ((await s3.send(list)).KeyCount ?? 0) >= 5);
      victim.signal("SIGKILL");
      const results = await Promise.all(processes.map((process) => process.finish()));
      expect(results[7]?.signal).toBe("SIGKILL");
      const others = results.filter((_, index) => index !== 7);
      expect(others.map(({ stdout }) => /^answer .*$/m.exec(stdout)?.[0])).toEqual(
        others.map(() => 'answer {"batchItemFailures":[]}'),
      );
      const { records: count } = await verify(0);
      expect(count).toBeGreaterThanOrEqual((parallel - 1) * each);
      expect(count).toBeLessThanOrEqual(parallel * each);
    });

    step("its messages come again, twice at once, with another process's: nothing is recorded twice", async () => {
      const [seventh, third] = [batches[7], batches[3]] as [string[], string[]];
      const again = [invoke(seventh), invoke([...seventh].reverse()), invoke(third)];
      for (const command of again) {
        expect((await command.expectExit(0)).stdout).toContain('{"batchItemFailures":[]}');
      }
      expect(await verify(0, "--objects")).toMatchObject({
        ok: true,
        records: parallel * each,
        objects: parallel * each,
        broken: null,
      });
    });

    step("a chunk that nobody announced is found, named to the topic, and recorded once, with the reason", async () => {
      const { VersionId } = await s3.send(
        new PutObjectCommand({ Bucket: chunks, Key: "lost +ü.txt", Body: "lost", ContentType: "text/plain" }),
      );
      const listener = await local.emulator.listen(topicArn);
      expect(await answerOf(run("reconcile-custody", {}))).toMatchObject({
        listed: parallel * each + 1,
        missing: 1,
        marker: null,
      });
      const [alert] = await listener.messages();
      await listener.close();
      expect(alert?.subject).toBe("Chunks that no record of custody named");
      expect(JSON.parse(alert?.message ?? "").chunks).toEqual([
        { chunk: `s3://${chunks}/lost +ü.txt?versionId=${VersionId}`, reason: "its message was lost" },
      ]);
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }),
      );
      expect(Messages).toHaveLength(1);
      const body = Messages[0]?.Body as string;
      for (let time = 0; time < 2; time++) {
        expect(await answerOf(invoke([body]))).toEqual({ batchItemFailures: [] });
      }
      expect(await verify(0)).toMatchObject({ ok: true, records: parallel * each + 1 });
      const key = `custody/records/${String(parallel * each + 1).padStart(12, "0")}.json`;
      const record = await (await local.emulator.s3("GET", `/${audit}/${key}`)).json();
      expect(record).toMatchObject({
        object: { bucket: chunks, key: "lost +ü.txt", versionId: VersionId },
        uploader: "unknown",
        reconciled: { reason: "its message was lost" },
      });
    });

    step("the daily verification reads on from where it was, and the day's reconciliation is over", async () => {
      const records = parallel * each + 1;
      expect(await answerOf(run("verify-custody", {}))).toMatchObject({
        records,
        added: { first: 1, last: records },
        complete: true,
      });
      expect(await answerOf(run("verify-custody", {}))).toMatchObject({
        records,
        added: null,
        reread: { first: 1, last: records },
      });
      expect(await answerOf(run("reconcile-custody", {}))).toBeNull();
    });

    step("a record that someone wrote over is named", async () => {
      const key = "custody/records/000000000042.json";
      const path = `/${audit}/${key}`;
      const record = await (await local.emulator.s3("GET", path)).text();
      const changed = record.replace("AWS:TEST", "AWS:EVIL");
      await s3.send(new PutObjectCommand({ Bucket: audit, Key: key, Body: changed }));
      expect(await verify(1)).toMatchObject({
        ok: false,
        records: 41,
        broken: { sequence: 42, problem: "more than one version", expected: "1", found: "2" },
      });
      const listener = await local.emulator.listen(topicArn);
      expect((await run("verify-custody", {}).finish()).exitCode).not.toBe(0);
      const [alert] = await listener.messages();
      await listener.close();
      const { object } = JSON.parse(record);
      expect(alert?.subject).toBe("The chain of custody breaks at record 42");
      expect(JSON.parse(alert?.message ?? "")).toMatchObject({
        record: `s3://${audit}/${key}`,
        chunk: `s3://${object.bucket}/${object.key}?versionId=${object.versionId}`,
      });
      const { stdout } = await local.npm("verify:custody", ["--bucket", audit]).expectExit(1);
      expect(stdout).toContain(`BROKEN at record 42, s3://${audit}/${key}: more than one version`);
    });

    step("a chunk that is gone is named by --objects", async () => {
      const first = "custody/records/000000000001.json";
      const { object } = JSON.parse(await (await local.emulator.s3("GET", `/${audit}/${first}`)).text());
      await local.emulator.s3("DELETE", `/${chunks}/${object.key}?versionId=${object.versionId}`);
      expect(await verify(1, "--objects")).toMatchObject({
        records: 0,
        broken: { sequence: 1, problem: "differs from the object" },
      });
    });

    step("wrong arguments and a bucket that does not exist", async () => {
      const script = ["--require", "tsx/cjs", "scripts/verify-custody.ts"];
      const command = (...args: string[]) =>
        Command.start(process.execPath, [...script, ...args], { cwd: root }).finish();
      for (const args of [[], ["a", "b"], ["development", "--jsn"]]) {
        const { exitCode, stderr } = await command(...args);
        expect([args, exitCode]).toEqual([args, 2]);
        expect(stderr).toContain("Usage: npm run verify:custody");
      }
      const missing = await command("--bucket", "no-such-bucket-at-all", "--directory", local.directory);
      expect(missing).toMatchObject({ exitCode: 1, stdout: "" });
      expect(missing.stderr).toContain("NoSuchBucket");
    });
  },
  () => local.remove(),
);
