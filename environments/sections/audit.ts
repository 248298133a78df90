import { contentTypesMaximum, objectLockDays } from "../../facts/aws-limits";
import { largestChunkMiB } from "../../facts/capacity";
import { distinct, integer, listOf, oneOf, pattern, record, ruled } from "../validation/rules";
import { bucketName } from "./names";

/** A type of a kind, for whoever named the whole kind. */
const examples: Readonly<Record<string, string>> = { image: "image/png", text: "text/plain" };

const mediaType = pattern(
  "a media type in lower case without parameters, such as application/pdf",
  /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/,
  (value) => {
    if (value.includes("*")) {
      const example = examples[value.split("/")[0] ?? ""] ?? "application/pdf";
      return `name each type, such as ${example}: chunks are compared with whole types`;
    }
    return `write it as ${/^[^/;\s]+\/[^/;\s]+/.exec(value.trim())?.[0].toLowerCase() ?? "application/pdf"}`;
  },
);

export const audit = record({
  /** S3 bucket of the records; global to all of AWS. */
  bucket: bucketName,
  /** COMPLIANCE: nobody can delete a record before its time, the account's root user included. GOVERNANCE: who may bypass it can. */
  lockMode: oneOf(["COMPLIANCE", "GOVERNANCE"]),
  /** Days that a record is locked: at least 2557, which cover any seven years, unless everything may be deleted (`forceDestroy`). */
  retentionDays: integer(1, objectLockDays, "days"),
  /** Media types that a chunk may have; others are recorded as rejected. */
  contentTypes: ruled(
    listOf(mediaType, "a list of media types, such as application/pdf"),
    distinct("distinct media types", "contentTypes"),
    {
      find: (contentTypes) =>
        contentTypes.length === 0 && { path: [], allowed: "one media type or more", fix: "add application/pdf" },
    },
    {
      find: (contentTypes) => {
        const { length } = contentTypes.join(",");
        return (
          length > contentTypesMaximum && {
            path: [],
            allowed: `media types of ${contentTypesMaximum} characters together, commas included; these take ${length}`,
            fix: "name fewer: a function has 4 KB for all its variables",
          }
        );
      },
    },
  ),
  /** A larger chunk is recorded as rejected, without its digest. */
  maximumChunkMiB: integer(1, largestChunkMiB, "MiB"),
});
