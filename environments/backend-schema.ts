import * as v from "valibot";
import type { Backend, CloudBackend } from "./environment";
import {
  bucketName,
  cloudOrganization,
  cloudProject,
  cloudTag,
  cloudWorkspaceName,
  kmsKeyId,
  region,
  stateKey,
} from "./fields";
import { listOf, orNull, record, suggestion } from "./validation/rules";

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

/** A workspace by name, or by at least one tag. */
const workspace = v.pipe(
  v.lazy((input): v.GenericSchema<CloudBackend["workspace"]> => {
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

const types = '"local", "s3" or "cloud"';

export const backendSchema: v.GenericSchema<Backend> = v.pipe(
  v.variant(
    "type",
    [
      record({ type: v.literal("local") }, { ...ofS3, ...ofCloud }),
      record({ type: v.literal("s3"), bucket: bucketName, key: stateKey, region, kmsKeyId }, ofCloud),
      record(
        {
          type: v.literal("cloud"),
          organization: cloudOrganization,
          project: orNull(cloudProject, "a project's name, or null"),
          workspace,
        },
        ofS3,
      ),
    ],
    (issue) =>
      issue.path ? types + suggestion(issue.input, ["local", "s3", "cloud"]) : `an object with type ${types}`,
  ),
  v.description(`an object with type ${types}`),
);
