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

test("C18: one resource policy lets Elasticsearch write the log groups of every domain of this account", () => {
  const address = "aws_cloudwatch_log_resource_policy.elasticsearch_logs";
  expect(stack.resources("aws_cloudwatch_log_resource_policy")).toHaveLength(1);
  expect(stack.statements(address, "policy_document")).toEqual([
    {
      Effect: "Allow",
      Principal: { Service: "es.amazonaws.com" },
      Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:PutLogEventsBatch"],
      Resource: [`arn:aws:logs:${account.region}:${account.accountId}:log-group:/aws/aes/domains/*`],
      Condition: { StringEquals: { "aws:SourceAccount": account.accountId } },
    },
  ]);
});

test("adopts the resource policy of the region by its name", () => {
  expect(withSingletons({ elasticsearchLogPolicy: "adopt" }).json.import).toEqual([
    { to: "aws_cloudwatch_log_resource_policy.elasticsearch_logs", id: "skymanuals-elasticsearch-logs" },
  ]);
});

test("in the account's second region: the policy again, and not the role, which IAM has in all regions", () => {
  const second = withSingletons({ elasticsearchServiceLinkedRole: "elsewhere" });
  expect(second.resources().map(({ address }) => address)).toEqual([
    "aws_cloudwatch_log_resource_policy.elasticsearch_logs",
  ]);
});
