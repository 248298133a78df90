import { production } from "../../environments/production";
import { environmentSchema } from "../../environments/schema";
import { problemsOf } from "../../environments/validation/rules";
import { wafManagedRules } from "../../facts/aws-limits";
import { withValues } from "./edit";

/** Path, allowed and fix of every problem of production with these values. */
function problems(values: Readonly<Record<string, unknown>>) {
  return problemsOf(environmentSchema, withValues(production, values), "environments/production.ts").map(
    ({ path, allowed, fix }) => [path, allowed, fix],
  );
}

const certificate = (region: string, account = "222222222222") =>
  `arn:aws:acm:${region}:${account}:certificate/01234567-89ab-cdef-0123-456789abcdef`;

describe("rules that count", () => {
  const path = "edge.waf.countOnly[0]";

  test.each([...Object.keys(wafManagedRules), "NoUserAgent_HEADER", "SQLi_COOKIE", "RateLimit", "AllowedIps"])(
    "%s is known",
    (rule) => {
      expect(problems({ "edge.waf.countOnly": [rule] })).toEqual([]);
    },
  );

  test.each([
    ["NoUserAgent_HEADERS", 'did you mean "NoUserAgent_HEADER"?'],
    ["SizeRestriction_BODY", 'did you mean "SizeRestrictions_BODY"?'],
    ["AWSManagedRulesSqlRuleSet", 'did you mean "AWSManagedRulesSQLiRuleSet"?'],
    ["ratelimit", 'did you mean "RateLimit"?'],
    ["everything", "use a name of AWS's list of managed rules"],
  ])("%s is not: %s", (rule, fix) => {
    expect(problems({ "edge.waf.countOnly": [rule] })).toEqual([
      [path, expect.stringMatching(/^a rule or rule group of the web ACL: AWSManagedRulesAmazonIp.*RateLimit/), fix],
    ]);
  });

  test("one is named once, and not beside its group", () => {
    expect(
      problems({ "edge.waf.countOnly": ["RateLimit", "SQLi_BODY", "AWSManagedRulesSQLiRuleSet", "RateLimit"] }),
    ).toEqual([
      ["edge.waf.countOnly[3]", "each rule once", "remove it: edge.waf.countOnly[0] is RateLimit already"],
      [
        "edge.waf.countOnly[1]",
        "either a group or some of its rules",
        "remove it, or AWSManagedRulesSQLiRuleSet, all of whose rules count already",
      ],
    ]);
  });
});

test.each([
  [9, "use 10"],
  [2_000_000_001, "use 2000000000"],
  [99.5, "use 100"],
])("a rate limit of %d is refused", (limit, fix) => {
  expect(problems({ "edge.waf.rateLimit": limit })).toEqual([
    ["edge.waf.rateLimit", "a whole number of requests in five minutes, 10 to 2000000000", fix],
  ]);
});

describe("upload paths", () => {
  test.each(["/api/manuals", "/api/manuals/*/revisions", "/v1.0/up_load~x"])("%s is one", (path) => {
    expect(problems({ "edge.waf.uploadPaths": [path] })).toEqual([]);
  });

  test.each([
    ["/api/manuals/", 'write "/api/manuals": everything below it is meant'],
    ["/api/manuals/*", 'write "/api/manuals": everything below it is meant'],
    ["/api", "name the first two segments, such as /api/manuals: this is every path"],
    ["/*/manuals", "name the first two segments, such as /api/manuals: this is every path"],
    ["/", 'write it as "/api/manuals": letters, digits and _ ~ . - in each segment, or * for a whole one'],
    ["api/manuals", 'write it as "/api/manuals": letters, digits and _ ~ . - in each segment, or * for a whole one'],
    ["/api/(a|b)", 'write it as "/api/manuals": letters, digits and _ ~ . - in each segment, or * for a whole one'],
    ["/api/man*", 'write it as "/api/manuals": letters, digits and _ ~ . - in each segment, or * for a whole one'],
  ])("%s is none", (path, fix) => {
    expect(problems({ "edge.waf.uploadPaths": [path] })).toEqual([
      ["edge.waf.uploadPaths[0]", expect.stringContaining("with at least two segments"), fix],
    ]);
  });

  const long = (index: number) => `/api/${index}/${"x".repeat(180)}`;
  const fix = "name fewer or shorter paths, such as what several of them lie below";

  test("WAF's quota is 200 characters for an expression, and ten of them are in the price", () => {
    expect(problems({ "edge.waf.uploadPaths": Array.from({ length: 10 }, (_, index) => long(index)) })).toEqual([]);
    expect(problems({ "edge.waf.uploadPaths": Array.from({ length: 11 }, (_, index) => long(index + 10)) })).toEqual([
      ["edge.waf.uploadPaths", "paths that fit 10 rules of 200 characters; these take 11", fix],
    ]);
  });

  test("many short paths fit, and a path that is over the quota by itself is named", () => {
    const many = Array.from({ length: 40 }, (_, index) => `/api/manuals-${index}`);
    expect(problems({ "edge.waf.uploadPaths": many })).toEqual([]);
    const tooLong = `/api/${"y".repeat(188)}`;
    expect(problems({ "edge.waf.uploadPaths": [tooLong.slice(0, -1)] })).toEqual([]);
    expect(problems({ "edge.waf.uploadPaths": [...many, tooLong] })).toEqual([
      ["edge.waf.uploadPaths[40]", "a path that fits a rule of 200 characters; this takes 201", fix],
    ]);
  });
});

describe("public paths", () => {
  test.each(["/static/*", "/favicon.ico", "/docs/*/index.html", "/"])("%s is one", (path) => {
    expect(problems({ "edge.publicPaths": [path] })).toEqual([]);
  });

  test.each([
    ["/api/docs/*", "name a folder of public files, such as /static/*: /api/docs/* can match paths of the API, whose"],
    ["/*", "name a folder of public files, such as /static/*: /* can match paths of the API, whose"],
    ["/*.css", "name a folder of public files, such as /static/*: /*.css can match paths of the API, whose"],
    ["/API/*", "name a folder of public files, such as /static/*: /API/* can match paths of the API, whose"],
    ["static/*", 'write "/static/*"'],
    ["*.css", 'write it as "/static/*"'],
    ["/static files/*", 'write it as "/static/*"'],
  ])("%s is none", (path, fix) => {
    expect(problems({ "edge.publicPaths": [path] })).toEqual([
      ["edge.publicPaths[0]", expect.stringContaining("meets no path of /api/*"), expect.stringContaining(fix)],
    ]);
  });

  test("each once, and as many as CloudFront takes", () => {
    expect(problems({ "edge.publicPaths": ["/a/*", "/a/*"] })).toEqual([
      ["edge.publicPaths[1]", "distinct patterns", "remove it: edge.publicPaths[0] is /a/* already"],
    ]);
    const many = Array.from({ length: 74 }, (_, index) => `/static-${index}/*`);
    expect(problems({ "edge.publicPaths": many.slice(1) })).toEqual([]);
    expect(problems({ "edge.publicPaths": many })).toEqual([
      [
        "edge.publicPaths",
        "at most 73 patterns: CloudFront takes 75 cache behaviours",
        "put the public files below fewer folders",
      ],
    ]);
  });
});

test("where only allowed_ips are let in, there are some", () => {
  expect(problems({ "edge.restrictToAllowedIps": true })).toEqual([
    [
      "edge.restrictToAllowedIps",
      "false where network.allowedIps is empty: nobody would be let in",
      "name the office's or VPN's networks in network.allowedIps, or set restrictToAllowedIps: false",
    ],
  ]);
  expect(problems({ "edge.restrictToAllowedIps": true, "network.allowedIps": ["203.0.113.0/24"] })).toEqual([]);
});

test.each([
  [31, "use 60, the next that CloudWatch Logs knows"],
  [0, "use 1, the next that CloudWatch Logs knows"],
])("logs cannot be kept for %d days", (days, fix) => {
  expect(problems({ "edge.logRetentionDays": days })).toEqual([
    ["edge.logRetentionDays", expect.stringMatching(/^1, 3, 5, .*, 3653 days$/), fix],
  ]);
});

test("the load balancer's log is not kept longer than the bucket keeps any", () => {
  const path = "edge.loadBalancerLogRetentionDays";
  expect(problems({ "edge.logRetentionDays": 30, [path]: 30 })).toEqual([]);
  expect(problems({ "edge.logRetentionDays": 30, [path]: 31 })).toEqual([
    [
      path,
      "at most logRetentionDays, 30: the bucket deletes every log after that",
      "use 30 or less, or raise logRetentionDays",
    ],
  ]);
  expect(problems({ [path]: 0 })).toEqual([[path, "a whole number of days from 1 to 3653", "use 1"]]);
  expect(problems({ [path]: 3654 })).toEqual([[path, "a whole number of days from 1 to 3653", "use 3653"]]);
});

test("a price class is CloudFront's", () => {
  expect(problems({ "size.priceClass": "PriceClass_150" })).toEqual([
    ["size.priceClass", '"PriceClass_100", "PriceClass_200", "PriceClass_All"', 'did you mean "PriceClass_100"?'],
  ]);
});

describe("domain", () => {
  test("a domain has a zone", () => {
    expect(problems({ "domain.zoneName": undefined })).toEqual([
      ["domain.zoneName", expect.stringContaining("a lower-case domain name"), "add the field zoneName"],
    ]);
    expect(problems({ "domain.zone": undefined })).toEqual([
      ["domain.zone", '"lookup", "create"', "add the field zone"],
    ]);
  });

  test("certificates may be given", () => {
    expect(
      problems({
        "domain.viewerCertificateArn": certificate("us-east-1"),
        "domain.originCertificateArn": certificate("us-east-1"),
      }),
    ).toEqual([]);
  });

  test("the viewers' lies in us-east-1", () => {
    expect(problems({ "domain.viewerCertificateArn": certificate("eu-central-1") })).toEqual([
      [
        "domain.viewerCertificateArn",
        "the ARN of a certificate in us-east-1, the one region that CloudFront takes certificates of: arn:aws:acm:us-east-1:<12 digits>:certificate/<id>",
        "import or request the certificate in us-east-1 as well, or write null to have one requested there",
      ],
    ]);
    expect(problems({ "domain.viewerCertificateArn": "01234567-89ab-cdef-0123-456789abcdef" })).toEqual([
      [
        "domain.viewerCertificateArn",
        expect.stringContaining("in us-east-1"),
        "copy it from `aws acm list-certificates --region us-east-1`, or write null to have one requested",
      ],
    ]);
  });

  test("the load balancer's lies in its region", () => {
    expect(problems({ "domain.originCertificateArn": certificate("eu-central-1") })).toEqual([
      [
        "domain.originCertificateArn",
        "a certificate in us-east-1, the load balancer's region",
        "import or request the certificate in us-east-1, or write null to have one requested there",
      ],
    ]);
  });

  test.each(["viewerCertificateArn", "originCertificateArn"])("%s is of the environment's account", (field) => {
    expect(problems({ [`domain.${field}`]: certificate("us-east-1", "111111111111") })).toEqual([
      [
        `domain.${field}`,
        "a certificate of account 222222222222",
        "import or request the certificate in account 222222222222, or write null to have one requested",
      ],
    ]);
  });
});
