import { isPilotLight } from "../../../environments/recovery";
import { accountStack } from "../../../facts/names";
import { unlessMissing } from "../aws";
import type { Check } from "../check";
import { nothingFound, type Outcome } from "../finding";

const elasticsearchRole = "AWSServiceRoleForAmazonElasticsearchService";
const opensearchRole = "AWSServiceRoleForAmazonOpenSearchService";

/** The credentials are those of the environment's account. */
export const credentials: Check = {
  name: "credentials",
  asks: ["sts.GetCallerIdentity"],
  run: async ({ ask, environment: { accountId, name } }) => {
    const { Account, Arn } = await ask("sts.GetCallerIdentity", {});
    return Account === accountId
      ? nothingFound
      : {
          findings: [
            {
              severity: "error",
              what: "credentials of this shell",
              got: `account ${Account} (${Arn})`,
              needed: `account ${accountId}, that of environments/${name}.ts`,
              fix: `choose a profile of account ${accountId}: export AWS_PROFILE=<profile>`,
            },
          ],
        };
  },
};

/**
 * The role by which Elasticsearch reaches into a VPC is there, or will be, and its way into the account's state is right. An
 * account that ever had an OpenSearch domain may have OpenSearch's role, which does not stand in for it.
 * Source: Amazon OpenSearch Service Developer Guide, "Using the legacy Elasticsearch service-linked role".
 */
export const serviceLinkedRole: Check = {
  name: "service-linked role",
  asks: ["iam.GetRole"],
  run: async ({ ask, account, accountFollows, environment }) => {
    // It has no domain, and is applied before the account's first entry may be.
    if (isPilotLight(environment)) {
      return nothingFound;
    }
    const said = account?.singletons.elasticsearchServiceLinkedRole;
    const stack = accountStack(account?.name ?? "<account>");
    const roleOf = (name: string) =>
      unlessMissing(ask("iam.GetRole", { RoleName: name }), "NoSuchEntity", "NoSuchEntityException");
    const role = (await roleOf(elasticsearchRole))?.Role;
    const field = "singletons.elasticsearchServiceLinkedRole of environments/accounts.ts";
    if (role) {
      const created = role.Tags?.some(({ Key, Value }) => Key === "ManagedBy" && Value === "terraform");
      return said === "create" && !created
        ? found({
            severity: "error",
            what: `role ${elasticsearchRole}`,
            got: "the account has it, and not from this project",
            needed: `a role that ${stack} can create: IAM refuses a second one ("has been taken in this account")`,
            fix: `write "adopt" for ${field}`,
          })
        : nothingFound;
    }
    if (said === "create" && accountFollows) {
      return nothingFound;
    }
    const other = (await roleOf(opensearchRole))?.Role;
    return found({
      severity: "error",
      what: `role ${elasticsearchRole}`,
      got: other ? `the account has only ${opensearchRole}, which is for OpenSearch` : "the account does not have it",
      needed: "the role by which Elasticsearch puts its network interfaces into the VPC",
      fix:
        said === "create"
          ? `npx cdktf deploy ${stack}, which creates it`
          : `write "create" for ${field}, and npx cdktf deploy ${stack}`,
    });
  },
};

function found(finding: Outcome["findings"][number]): Outcome {
  return { findings: [finding] };
}
