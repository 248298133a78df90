import { accounts } from "../../environments";
import { synthesizeAccount } from "../support/synth";

const [account] = accounts as [(typeof accounts)[number]];
const stack = synthesizeAccount(account);

const withSingletons = (values: Partial<typeof account.singletons>) =>
  synthesizeAccount({ ...account, singletons: { ...account.singletons, ...values } });

test("is a root module of its own, for one account", () => {
  expect(stack.name).toBe(`skymanuals-account-${account.name}`);
  expect(stack.json.provider).toMatchObject({
    aws: [{ region: account.region, allowed_account_ids: [account.accountId] }],
  });
});

test("A4: creates the role by which Elasticsearch enters a VPC, or adopts the one there is", () => {
  const address = "aws_iam_service_linked_role.elasticsearch";
  expect(stack.resource(address)).toEqual({ aws_service_name: "es.amazonaws.com" });
  expect(stack.json).not.toHaveProperty("import");

  const adopting = withSingletons({ elasticsearchServiceLinkedRole: "adopt" });
  expect(adopting.json.import).toEqual([
    {
      to: address,
      id: `arn:aws:iam::${account.accountId}:role/aws-service-role/es.amazonaws.com/AWSServiceRoleForAmazonElasticsearchService`,
    },
  ]);
});

test("A4: an account without the role to adopt is told which of the two roles it is, and what to set", () => {
  const adopting = withSingletons({ elasticsearchServiceLinkedRole: "adopt" });
  expect(adopting.resource("data.aws_iam_roles.elasticsearch")).toEqual({
    path_prefix: "/aws-service-role/es.amazonaws.com/",
    lifecycle: {
      postcondition: [
        {
          condition: "${length(self.names) > 0}",
          error_message: `Account ${account.accountId} has no role AWSServiceRoleForAmazonElasticsearchService to adopt (AWSServiceRoleForAmazonOpenSearchService is another one): set singletons.elasticsearchServiceLinkedRole to "create" in environments/accounts.ts.`,
        },
      ],
    },
  });
  // The import waits for it: Terraform's own error names neither.
  expect(adopting.resource("aws_iam_service_linked_role.elasticsearch").depends_on).toEqual([
    "data.aws_iam_roles.elasticsearch",
  ]);
  expect(stack.json).not.toHaveProperty("data.aws_iam_roles");
});

test("C18: one resource policy lets Elasticsearch write the log groups of every domain of this account", () => {
  const address = "aws_cloudwatch_log_resource_policy.elasticsearch_logs";
  expect(stack.resources("aws_cloudwatch_log_resource_policy")).toHaveLength(1);
  expect(stack.statements(address, "policy_document")).toEqual([
    {
      Effect: "Allow",
      Principal: { Service: "es.amazonaws.com" },
      Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
      Resource: [`arn:aws:logs:${account.region}:${account.accountId}:log-group:/aws/aes/domains/*`],
      Condition: {
        StringEquals: { "aws:SourceAccount": account.accountId },
        ArnLike: { "aws:SourceArn": `arn:aws:es:${account.region}:${account.accountId}:domain/*` },
      },
    },
  ]);
});

test("adopts the resource policy of the region by its name", () => {
  expect(withSingletons({ elasticsearchLogPolicy: "adopt" }).json.import).toEqual([
    { to: "aws_cloudwatch_log_resource_policy.elasticsearch_logs", id: "skymanuals-elasticsearch-logs" },
  ]);
});

test("a mail a day tells of unusual costs, of all services, from an impact on", () => {
  expect(stack.resource("aws_ce_anomaly_monitor.services")).toEqual({
    name: "skymanuals-cost-anomalies",
    monitor_type: "DIMENSIONAL",
    monitor_dimension: "SERVICE",
    tags: { Name: "skymanuals-cost-anomalies" },
  });
  expect(stack.resource("aws_ce_anomaly_subscription.daily")).toEqual({
    name: "skymanuals-cost-anomalies",
    frequency: "DAILY",
    monitor_arn_list: ["${aws_ce_anomaly_monitor.services.arn}"],
    subscriber: [{ type: "EMAIL", address: "admin@skymanuals.com" }],
    threshold_expression: {
      dimension: {
        key: "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
        values: ["100"],
        match_options: ["GREATER_THAN_OR_EQUAL"],
      },
    },
    tags: { Name: "skymanuals-cost-anomalies" },
  });
  expect(stack.json).not.toHaveProperty("resource.aws_ce_cost_allocation_tag");
});

test("an account that has its one monitor of services is told of what that finds; one that pays activates the tags", () => {
  const monitorArn = "arn:aws:ce::111111111111:anomalymonitor/44ec7a5b-5b4d-4d6c-8d4e-6a3d1a2b3c4d";
  const other = synthesizeAccount({
    ...account,
    costs: { email: "costs@skymanuals.com", anomalyUsd: 12.5, monitorArn, activateTags: true },
  });
  expect(other.json).not.toHaveProperty("resource.aws_ce_anomaly_monitor");
  expect(other.resource("aws_ce_anomaly_subscription.daily").monitor_arn_list).toEqual([monitorArn]);
  expect(other.resource("aws_ce_cost_allocation_tag.project")).toEqual({ tag_key: "Project", status: "Active" });
  expect(other.resource("aws_ce_cost_allocation_tag.environment")).toEqual({
    tag_key: "Environment",
    status: "Active",
  });
});

test("in the account's second region: the policy again, and not the role and the costs, which hold in all regions", () => {
  const second = synthesizeAccount({
    ...account,
    singletons: { ...account.singletons, elasticsearchServiceLinkedRole: "elsewhere" },
    costs: null,
  });
  expect(second.resources().map(({ address }) => address)).toEqual([
    "aws_cloudwatch_log_resource_policy.elasticsearch_logs",
  ]);
});
