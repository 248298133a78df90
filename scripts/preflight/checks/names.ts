import { stateStack } from "../../../facts/names";
import { type Ask, allPages, NotAnswered } from "../aws";
import type { Check } from "../check";
import type { Finding } from "../finding";

/** Bucket names hold in all of AWS: each is free, or this account's, in this region. */
export const buckets: Check = {
  name: "bucket names",
  asks: ["s3.ListBuckets", "s3.HeadBucket"],
  run: async ({ ask, environment, account, accountFollows }) => {
    const { names, audit, archive, elasticsearch, backend, name, region } = environment;
    const own = await allPages(
      ask,
      "s3.ListBuckets",
      { MaxBuckets: 1000 },
      "ContinuationToken",
      ({ Buckets }) => Buckets,
    );
    const isOurs = (bucket: string) => own.some(({ Name }) => Name === bucket);
    const findings: Omit<Finding, "check">[] = [];
    for (const [field, bucket] of [
      ["names.chunksBucket", names.chunksBucket],
      ["names.logsBucket", names.logsBucket],
      ["audit.bucket", audit.bucket],
      ["archive.bucket", archive.bucket],
      ["elasticsearch.snapshotsBucket", elasticsearch.snapshotsBucket],
    ] as const) {
      const state = await stateOf(ask, bucket);
      if (isOurs(bucket) ? state !== "elsewhere" : state === "free") {
        continue;
      }
      findings.push({
        severity: "error",
        what: `bucket ${bucket}`,
        got: isOurs(bucket) ? "this account has it in another region" : refusal(state),
        needed: `a name that nobody has, or a bucket of this account in ${region}: bucket names hold in all of AWS`,
        fix: `give ${field} of environments/${name}.ts another name, such as ${bucket}-${environment.accountId}`,
      });
    }
    if (backend.type === "s3" && !isOurs(backend.bucket) && !accountFollows) {
      const state = await stateOf(ask, backend.bucket);
      const free = state === "free";
      findings.push({
        severity: "error",
        what: `state bucket ${backend.bucket}`,
        got: free ? "there is none" : refusal(state),
        needed: "the bucket in which the environment's state lies",
        fix: free
          ? `npx cdktf deploy ${stateStack(account?.name ?? "<account>")}`
          : `give backend.bucket of environments/${name}.ts and stateBucket of environments/accounts.ts another name`,
      });
    }
    return { findings };
  },
};

/** `hidden`: S3 answers 403, which it also does for a name that is free where s3:ListBucket is lacking. */
type BucketState = "free" | "there" | "elsewhere" | "hidden";

function refusal(state: BucketState): string {
  return state === "hidden"
    ? "S3 answers 403: it is another account's, or these credentials lack s3:ListBucket"
    : "it is another account's";
}

/** What S3 says of a bucket by its name. Source: Amazon S3 API Reference, HeadBucket. */
async function stateOf(ask: Ask, bucket: string): Promise<BucketState> {
  try {
    await ask("s3.HeadBucket", { Bucket: bucket });
    return "there";
  } catch (error) {
    const code = error instanceof NotAnswered ? error.code : "";
    if (["NotFound", "NoSuchBucket", "404"].includes(code)) {
      return "free";
    }
    if (["PermanentRedirect", "301"].includes(code)) {
      return "elsewhere";
    }
    if (error instanceof NotAnswered && error.isDenied) {
      return "hidden";
    }
    throw error;
  }
}

/** A secret that is waiting to be deleted keeps its name until then: creating it again is refused. */
export const secrets: Check = {
  name: "secret names",
  asks: ["secretsmanager.ListSecrets"],
  run: async ({ ask, environment: { names, region }, platform }) => {
    const found = await allPages(
      ask,
      "secretsmanager.ListSecrets",
      { IncludePlannedDeletion: true, MaxResults: 100, Filters: [{ Key: "name", Values: [`${names.prefix}/`] }] },
      "NextToken",
      ({ SecretList }) => SecretList,
    );
    const waiting = found.filter(({ Name = "", DeletedDate }) => DeletedDate && platform.secrets.includes(Name));
    return {
      findings: waiting.map(({ Name = "", DeletedDate }) => ({
        severity: "error" as const,
        what: `secret ${Name}`,
        got: `it was deleted, and is kept until ${DeletedDate?.toISOString().slice(0, 10)} at least`,
        needed: "a name that is free: Secrets Manager refuses to create it again before it is gone",
        fix: `aws secretsmanager restore-secret --secret-id ${Name} --region ${region}, then import it; or delete-secret --force-delete-without-recovery, which nothing brings back`,
      })),
    };
  },
};
