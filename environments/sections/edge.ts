import {
  logRetentionDays,
  publicPathMaximum,
  wafManagedRules,
  wafOwnRules,
  wafRateLimit,
  wafRegexMaximum,
  wafUploadRegexMaximum,
} from "../../facts/aws-limits";
import { apiPattern, patternsMeet, uploadPathRegexes } from "../../facts/path-patterns";
import { didYouMean } from "../validation/problems";
import { distinct, flag, integer, listOf, oneOf, record, ruled, text } from "../validation/rules";
import { logRetention } from "./network";

const publicPath = text(
  `a CloudFront path pattern of at most 255 characters that begins with /, such as /static/*, and meets no path of ${apiPattern}`,
  (path) => {
    if (!/^[/][A-Za-z0-9_.*?$~@:+/-]{0,254}$/.test(path)) {
      return /^[A-Za-z0-9_.*?$~@:+/-]{1,254}$/.test(path) && !path.startsWith("*")
        ? `write "/${path}"`
        : 'write it as "/static/*": letters, digits and _ - . * ? $ ~ @ : + after the first /';
    }
    return (
      !patternsMeet(path, apiPattern) ||
      `name a folder of public files, such as /static/*: ${path} can match paths of the API, whose answers are nobody else's`
    );
  },
);

const uploadPath = text(
  "a path of the API with at least two segments, such as /api/manuals or /api/manuals/*/revisions, * standing for one segment",
  (path) => {
    const bare = path.replace(/([/][*]*)+$/, "");
    if (path !== bare && /^([/][A-Za-z0-9_~.*-]+){2,}$/.test(bare)) {
      return `write "${bare}": everything below it is meant`;
    }
    if (!/^([/]([A-Za-z0-9_~.-]+|[*]))+$/.test(path)) {
      return 'write it as "/api/manuals": letters, digits and _ ~ . - in each segment, or * for a whole one';
    }
    return (
      /^([/][A-Za-z0-9_~.-]+){2}/.test(path) || "name the first two segments, such as /api/manuals: this is every path"
    );
  },
);

const wafRules = [...Object.entries(wafManagedRules).flatMap(([group, rules]) => [group, ...rules]), ...wafOwnRules];

const wafRule = text(
  `a rule or rule group of the web ACL: ${[...Object.keys(wafManagedRules), ...wafOwnRules].join(", ")}, or a rule of these groups`,
  (rule) => wafRules.includes(rule) || didYouMean(rule, wafRules) || "use a name of AWS's list of managed rules",
);

const longestLogRetention = Math.max(...logRetentionDays);

const waf = record({
  /**
   * Rules and rule groups, by AWS's names (`NoUserAgent_HEADER`, `AWSManagedRulesSQLiRuleSet`) or ours (`RateLimit`,
   * `AllowedIps`), that count what they match instead of blocking it: for a first rollout.
   */
  countOnly: ruled(
    listOf(wafRule, "a list of rules or rule groups that only count; empty for none"),
    distinct("each rule once", "edge.waf.countOnly"),
    {
      find: (countOnly) =>
        countOnly.map((rule, index) => {
          const group = Object.keys(wafManagedRules).find((name) => wafManagedRules[name]?.includes(rule));
          const fix = `remove it, or ${group}, all of whose rules count already`;
          return (
            group !== undefined &&
            countOnly.includes(group) && { path: [index], allowed: "either a group or some of its rules", fix }
          );
        }),
    },
  ),
  /** Requests of one address in five minutes after which it is blocked. An airline's devices may share one. */
  rateLimit: integer(
    wafRateLimit.minimum,
    wafRateLimit.maximum,
    (from, to) => `a whole number of requests in five minutes, ${from} to ${to}`,
  ),
  /**
   * Where bodies over 8 KB are let through, such as `/api/manuals`: each path and everything below it; `*` stands for one
   * segment. Everywhere else they are blocked.
   */
  uploadPaths: ruled(listOf(uploadPath, "a list of paths, such as /api/manuals; empty for none"), {
    find: (uploadPaths) => {
      const fix = "name fewer or shorter paths, such as what several of them lie below";
      const tooLong = uploadPaths.flatMap((path, index) => {
        const [{ length }] = uploadPathRegexes([path], wafRegexMaximum) as [string];
        return length > wafRegexMaximum
          ? [
              {
                path: [index],
                allowed: `a path that fits a rule of ${wafRegexMaximum} characters; this takes ${length}`,
                fix,
              },
            ]
          : [];
      });
      if (tooLong.length > 0) {
        return tooLong;
      }
      const { length } = uploadPathRegexes(uploadPaths, wafRegexMaximum);
      return (
        length > wafUploadRegexMaximum && {
          path: [],
          allowed: `paths that fit ${wafUploadRegexMaximum} rules of ${wafRegexMaximum} characters; these take ${length}`,
          fix,
        }
      );
    },
  }),
});

export const edge = ruled(
  record({
    /**
     * Where CloudFront finds the API. `vpc`: a load balancer in the private subnets, which nothing else reaches. `public`: one
     * in the public subnets, with a secret header; an adopted load balancer is one. A running environment changes over in
     * three applies: see edge.md.
     */
    origin: oneOf(["vpc", "public"]),
    /** true: the load balancer of the other kind stands beside the one in use, while CloudFront changes over. */
    standby: flag,
    /**
     * CloudFront path patterns, such as `/static/*`, of which every answer is public and the same for everybody: CloudFront
     * caches them, and sends the API neither cookies, nor Authorization, nor the query. None may meet `/api/*`. At most 73.
     */
    publicPaths: ruled(
      listOf(publicPath, "a list of path patterns, such as /static/*; empty for none"),
      {
        find: (publicPaths) =>
          publicPaths.length > publicPathMaximum && {
            path: [],
            allowed: `at most ${publicPathMaximum} patterns: CloudFront takes ${publicPathMaximum + 2} cache behaviours`,
            fix: "put the public files below fewer folders",
          },
      },
      distinct("distinct patterns", "edge.publicPaths"),
    ),
    /** Days that the access logs and the web ACL's log are kept: a retention that CloudWatch Logs knows. */
    logRetentionDays: logRetention(),
    /**
     * Days that the load balancer's own access log is kept, at most `logRetentionDays`. It has each request's whole line, with the
     * query and what the query holds; the distribution's log leaves the query out.
     */
    loadBalancerLogRetentionDays: integer(1, longestLogRetention, "days"),
    /** true: the web ACL lets in nobody but the variable `allowed_ips`, over IPv4. Not where EFB devices come from anywhere. */
    restrictToAllowedIps: flag,
    /** What the web ACL of the distribution blocks. */
    waf,
  }),
  {
    reads: ["logRetentionDays", "loadBalancerLogRetentionDays"],
    find: ({ logRetentionDays: all, loadBalancerLogRetentionDays: days }) =>
      days > all && {
        path: ["loadBalancerLogRetentionDays"],
        allowed: `at most logRetentionDays, ${all}: the bucket deletes every log after that`,
        fix: `use ${all} or less, or raise logRetentionDays`,
      },
  },
);
