import { reservedBucketPrefixes, reservedBucketSuffixes, reservedNamePrefixes } from "../../facts/aws-limits";
import { derivedNames } from "../../facts/names";
import { hasLength, hyphenated, suggestName } from "../validation/forms";
import { record, text } from "../validation/rules";

const longestPrefix = Math.min(...derivedNames.map(({ suffix, maximum }) => maximum - suffix.length));

const shortestPrefix = 2;

export const namePrefix = text(
  `${shortestPrefix} to ${longestPrefix} lower-case letters, digits and single hyphens, a letter first, not beginning with ${Object.keys(reservedNamePrefixes).join(", ")}`,
  (prefix) => {
    const reserved = Object.entries(reservedNamePrefixes).find(([beginning]) => prefix.startsWith(beginning));
    if (reserved !== undefined) {
      return `choose another beginning: ${reserved[0]} is reserved in ${reserved[1]} names`;
    }
    if (!hyphenated.test(prefix)) {
      return `write it as ${suggestName(prefix)}`;
    }
    const tooLong = derivedNames.filter(({ suffix, maximum }) => prefix.length + suffix.length > maximum);
    if (tooLong.length > 0) {
      const names = tooLong.map(({ suffix, what, maximum }) => `${what} ${prefix}${suffix}: ${maximum}`);
      return `use at most ${longestPrefix} characters instead of ${prefix.length} (${names.join("; ")})`;
    }
    return prefix.length >= shortestPrefix || `use at least ${shortestPrefix} characters`;
  },
);

/** Source: Amazon S3 User Guide, "General purpose bucket naming rules". */
const bucketLength = { minimum: 3, maximum: 63 };

export const bucketName = text(
  `${bucketLength.minimum} to ${bucketLength.maximum} lower-case letters, digits and hyphens, a letter or digit at both ends, no dots, not beginning with ${reservedBucketPrefixes.join(", ")}, not ending in ${reservedBucketSuffixes.join(", ")}`,
  (name) => {
    const prefix = reservedBucketPrefixes.find((reserved) => name.startsWith(reserved));
    if (prefix !== undefined) {
      return `choose another beginning: S3 reserves ${prefix}`;
    }
    const suffix = reservedBucketSuffixes.find((reserved) => name.endsWith(reserved));
    if (suffix !== undefined) {
      return `choose another ending: S3 reserves ${suffix}`;
    }
    if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
      return `write it as ${suggestName(name)}`;
    }
    return hasLength(name, bucketLength);
  },
);

export const names = record({
  /** First part of every resource name: `skymanuals` in production (the documented names), `skymanuals-<name>` elsewhere. */
  prefix: namePrefix,
  /** Bucket of the chunks. S3 bucket names are global to all of AWS: `<environment>-skymanuals-chunks` in the guide. */
  chunksBucket: bucketName,
  /** Bucket of the access logs of the load balancer, the distribution and the chunks bucket. */
  logsBucket: bucketName,
});
