import { objectLockDays } from "../../facts/aws-limits";
import { sevenYearsInDays } from "../../facts/retention";
import { securityStandards } from "../../facts/security-standards";
import { email } from "../validation/forms";
import { distinct, flag, integer, listOf, oneOf, orNull, pattern, record, ruled } from "../validation/rules";
import { bucketName } from "./names";

/** Source: CloudTrail User Guide, "Naming requirements for CloudTrail resources". */
const trailName = pattern(
  "3 to 128 letters, digits, periods, hyphens and underscores, a letter or digit at both ends",
  /^(?=.{3,128}$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])$/,
  "use a name such as skymanuals",
);

/** Source: AWS Config API Reference, ConfigurationRecorder and DeliveryChannel (256 characters). */
const configName = pattern(
  "1 to 128 letters, digits, hyphens and underscores",
  /^[A-Za-z0-9_-]{1,128}$/,
  'use "default", which the console and the AWS CLI write',
);

/** Source: IAM Access Analyzer API Reference, CreateAnalyzer. */
const analyzerName = pattern(
  "1 to 255 letters, digits, periods, hyphens and underscores, a letter first",
  /^[A-Za-z][A-Za-z0-9_.-]{0,254}$/,
  "use a name such as skymanuals",
);

/** AWS Config keeps its own history for 30 to 2557 days. Source: AWS Config API Reference, PutRetentionConfiguration. */
const configHistory = { minimum: 30, maximum: 2557 };

const trail = record({
  /** The trail's name. An adopted trail keeps its own: another name replaces it. */
  name: trailName,
  /** S3 bucket of the log files; global to all of AWS. */
  bucket: bucketName,
  /** COMPLIANCE: nobody can delete a log file before its time, the account's root user included. GOVERNANCE: who may bypass it can. */
  lockMode: oneOf(["COMPLIANCE", "GOVERNANCE"]),
  /** Days that a log file is locked: at least 2557, which cover any seven years, unless everything may be deleted (`forceDestroy`). */
  retentionDays: integer(1, objectLockDays, "days"),
  /**
   * Which accesses to objects of the chunks and audit buckets are logged, at 1 USD a million: `write`, or `all`, reads too. The
   * verification of the chain of custody reads every record, and devices read every chunk.
   */
  objectEvents: oneOf(["write", "all"]),
});

/** What is watched and recorded in an account and region. */
export const governance = ruled(
  record({
    /**
     * Where findings of high severity go, and what switches governance off, by day and by night. AWS sends a confirmation to the
     * address first.
     */
    pageEmail: email,
    /** The account's trail; null in the account's entries of its other regions, which it logs too. */
    trail: orNull(trail, "trail: { name, bucket, lockMode, retentionDays, objectEvents }, or null"),
    /** AWS Config. */
    config: record({
      /** The recorder's name, of which a region has one. An adopted one keeps its own: `default` unless somebody chose another. */
      recorderName: configName,
      /** The delivery channel's name, of which a region has one. An adopted one keeps its own. */
      channelName: configName,
      /** S3 bucket of the configuration history; global to all of AWS. Config delivers to no bucket that locks by default. */
      bucket: bucketName,
      /** CONTINUOUS: 0.003 USD for each change of a resource. DAILY: 0.012 USD for each resource that changed in a day. */
      recordingFrequency: oneOf(["CONTINUOUS", "DAILY"]),
      /** Days for which Config itself keeps its history: at least 2557 unless everything may be deleted (`forceDestroy`). */
      retentionDays: integer(configHistory.minimum, configHistory.maximum, "days"),
    }),
    /** Standards that Security Hub CSPM checks: at least one. */
    standards: ruled(
      listOf(oneOf(securityStandards), "a list of standards of Security Hub CSPM"),
      distinct("distinct standards", "standards"),
      {
        find: (standards) =>
          standards.length === 0 && {
            path: [],
            allowed: "one standard or more: Security Hub CSPM checks nothing without",
            fix: `add ${securityStandards[0]}`,
          },
      },
    ),
    /** The name of the analyzer of external access, of which a region has one. An adopted one keeps its own. */
    analyzerName,
    /** Terraform refuses to plan the destruction of buckets and keys. */
    preventDestroy: flag,
    /** Let Terraform delete the buckets with everything in them. */
    forceDestroy: flag,
  }),
  {
    reads: ["trail", "config.retentionDays", "forceDestroy", "preventDestroy"],
    find: ({ trail: kept, config, forceDestroy, preventDestroy }) => {
      const deletable = forceDestroy && !preventDestroy;
      return [
        preventDestroy &&
          forceDestroy && {
            path: ["forceDestroy"],
            allowed: "false where preventDestroy is true",
            fix: "set forceDestroy: false to keep the data, or preventDestroy: false to be able to delete it",
          },
        kept?.lockMode === "COMPLIANCE" &&
          deletable && {
            path: ["trail", "lockMode"],
            allowed: "GOVERNANCE where forceDestroy is true: nobody can delete a bucket that holds a locked log file",
            fix: "use GOVERNANCE, or set forceDestroy to false",
          },
        kept !== null &&
          kept.retentionDays < sevenYearsInDays &&
          !(kept.lockMode === "GOVERNANCE" && deletable) && {
            path: ["trail", "retentionDays"],
            allowed: `at least ${sevenYearsInDays} days, which cover any seven years; fewer with GOVERNANCE and forceDestroy only`,
            fix: `use ${sevenYearsInDays}`,
          },
        config.retentionDays < sevenYearsInDays &&
          !deletable && {
            path: ["config", "retentionDays"],
            allowed: `${sevenYearsInDays} days, which cover any seven years; fewer with forceDestroy only`,
            fix: `use ${sevenYearsInDays}`,
          },
      ];
    },
  },
);
