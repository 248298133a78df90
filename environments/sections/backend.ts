import * as v from "valibot";
import { listOf, orNull, pattern, record, suggestion, text } from "../validation/rules";
import { region } from "./identity";
import { bucketName } from "./names";

const keySegment = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9!_.*'()-]+";
const keyForm = new RegExp(`^(?=.{1,1024}$)${keySegment}(/${keySegment})*$`);

const stateKey = text(
  "an object key of 1 to 1024 letters, digits and ! _ . * ' ( ) / -, no empty, . or .. between slashes",
  (key) => {
    if (keyForm.test(key)) {
      return true;
    }
    const repaired = key
      .replace(/[^A-Za-z0-9!_.*'()/-]+/g, "-")
      .split("/")
      .filter((segment) => !/^\.{0,2}$/.test(segment))
      .join("/");
    return `write "${keyForm.test(repaired) ? repaired : "skymanuals-production/terraform.tfstate"}"`;
  },
);

/** Of the versions 1 to 5, as Terraform's s3 backend takes it (Terraform 1.11.4, "Invalid KMS Key ID"); AWS's ids have version 4. */
const uuid = "[a-f0-9]{8}-[a-f0-9]{4}-[1-5][a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}";
const kmsKeyForm = `(${uuid}|mrk-[a-f0-9]{32})`;
const alias = "alias/[A-Za-z0-9/_-]{1,250}";

const kmsKeyId = text("a KMS key id, key ARN, alias/... or alias ARN", (value) => {
  const arn = `arn:aws[a-z-]*:kms:[a-z0-9-]+:\\d{12}:(key/${kmsKeyForm}|${alias})`;
  if (new RegExp(`^(${kmsKeyForm}|${alias}|${arn})$`).test(value)) {
    return true;
  }
  if (/^(arn:.*:key\/)?[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}$/.test(value)) {
    return "copy the key id: aws kms list-keys. The third part of an id begins with 4, the fourth with 8, 9, a or b";
  }
  return new RegExp(`^${alias}$`).test(`alias/${value}`)
    ? `write "alias/${value}", or the whole key id`
    : 'write it as "alias/skymanuals-terraform-state"';
});

export const kmsKeyAlias = text(
  "alias/ and 1 to 250 letters, digits and / _ -, not beginning with alias/aws/",
  (value) => {
    if (value.startsWith("alias/aws/")) {
      return "choose another beginning: alias/aws/ belongs to AWS's own keys";
    }
    return (
      new RegExp(`^${alias}$`).test(value) ||
      (new RegExp(`^${alias}$`).test(`alias/${value}`)
        ? `write "alias/${value}"`
        : 'write it as "alias/skymanuals-terraform-state"')
    );
  },
);

/** `allowed` of what may not be empty. */
const cloudName = "1 to 90 letters, digits, hyphens and underscores";
const cloudWorkspaceName = pattern(cloudName, /^[A-Za-z0-9_-]{1,90}$/, "use a name such as skymanuals-production");
const cloudOrganization = pattern(
  "3 to 40 letters, digits, hyphens and underscores, a letter or digit at both ends",
  /^[A-Za-z0-9][A-Za-z0-9_-]{1,38}[A-Za-z0-9]$/,
  "copy the organization's name from HCP Terraform, such as skymanuals",
);
const cloudProject = pattern(
  "3 to 40 letters, digits, spaces, hyphens and underscores",
  /^[A-Za-z0-9_-][A-Za-z0-9 _-]{1,38}[A-Za-z0-9_-]$/,
  "copy the project's name from HCP Terraform, or write null",
);
const cloudTag = pattern(
  "lower-case letters, digits, colons, hyphens and underscores, a letter or digit at both ends, at most 255",
  /^(?=.{1,255}$)[a-z0-9]([a-z0-9:_-]*[a-z0-9])?$/,
  "use a tag such as skymanuals",
);

const s3Fields = ["bucket", "key", "region", "kmsKeyId"] as const;
const cloudFields = ["organization", "project", "workspace"] as const;

/** What to do with a field of another backend type. */
function fieldsOf(type: "s3" | "cloud", fields: readonly string[]): Record<string, string> {
  const list = fields.join(", ");
  return Object.fromEntries(
    fields.map((field) => [
      field,
      `remove it, or set type: "${type}" with ${list} and nothing else: ${field} belongs to ${type}`,
    ]),
  );
}

const ofS3 = fieldsOf("s3", s3Fields);
const ofCloud = fieldsOf("cloud", cloudFields);

const workspaceAllowed = 'either { name: "..." } or { tags: ["...", ...] }';
const workspaceName = record({ name: cloudWorkspaceName }, { tags: "keep either name or tags" });
const workspaceTags = record({ tags: listOf(cloudTag, "a list of tags") });

type Workspace = v.InferOutput<typeof workspaceName> | v.InferOutput<typeof workspaceTags>;

/** A workspace by name, or by at least one tag. */
const workspace = v.pipe(
  v.lazy((input): v.GenericSchema<Workspace> => {
    if (typeof input === "object" && input !== null && "tags" in input && !("name" in input)) {
      return v.pipe(
        workspaceTags,
        v.rawCheck(({ dataset, addIssue }) => {
          if (dataset.typed && dataset.value.tags.length === 0) {
            addIssue({ expected: workspaceAllowed, message: "name at least one tag" });
          }
        }),
      );
    }
    return typeof input === "object" && input !== null && "name" in input
      ? workspaceName
      : (v.custom(() => false, workspaceAllowed) as v.GenericSchema<never>);
  }),
  v.description(workspaceAllowed),
);

const local = record(
  {
    /** `terraform.<stack>.tfstate` beside cdktf.out. */
    type: v.literal("local"),
  },
  { ...ofS3, ...ofCloud },
);

const s3 = record(
  {
    /** An S3 bucket with a native lock file; `skymanuals-state-<account>` creates bucket and key. */
    type: v.literal("s3"),
    /** The state bucket of the environment's account. */
    bucket: bucketName,
    /** Object key of the state, such as `skymanuals-production/terraform.tfstate`. */
    key: stateKey,
    /** The bucket's region. */
    region,
    /** Key, key ARN or `alias/...` that encrypts the state. */
    kmsKeyId,
  },
  ofCloud,
);

const cloud = record(
  {
    /** HCP Terraform (Terraform Cloud). */
    type: v.literal("cloud"),
    /** The organization's name. */
    organization: cloudOrganization,
    /** The project's name, or null for the organization's default one. */
    project: orNull(cloudProject, "a project's name, or null"),
    /** The workspace by its name, or the workspaces by their tags. */
    workspace,
  },
  ofS3,
);

export type CloudBackend = v.InferOutput<typeof cloud>;

/** Where Terraform keeps the state. */
export type Backend = v.InferOutput<typeof local> | v.InferOutput<typeof s3> | CloudBackend;

const types = '"local", "s3" or "cloud"';

export const backend = v.pipe(
  v.variant(
    "type",
    [local, s3, cloud] as unknown as [v.LooseObjectSchema<{ type: v.LiteralSchema<string, undefined> }, undefined>],
    (issue) =>
      issue.path ? types + suggestion(issue.input, ["local", "s3", "cloud"]) : `an object with type ${types}`,
  ),
  v.description(`an object with type ${types}`),
) as unknown as v.GenericSchema<Backend>;
