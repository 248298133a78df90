import { DataAwsIamRoles } from "@cdktf/provider-aws/lib/data-aws-iam-roles";
import { IamServiceLinkedRole } from "@cdktf/provider-aws/lib/iam-service-linked-role";
import { Construct } from "constructs";
import type { SingletonOrigin } from "../../facts/singletons";
import { Import } from "../parts/import";

export interface ServiceLinkedRoleProps {
  /** 12 digits. */
  readonly accountId: string;
  /** `es.amazonaws.com` */
  readonly service: string;
  /** The name that AWS gives it. */
  readonly roleName: string;
  readonly origin: SingletonOrigin;
  /** The field of `singletons` in environments/accounts.ts that says the origin. */
  readonly singleton: string;
  /** What else the account may have, in brackets, with a blank in front. Default: nothing. */
  readonly hint?: string;
}

/**
 * A role that a service has by itself, of which an account has one in all regions. Label: the construct's id. It costs nothing.
 * An apply that creates it where it exists ends with AWS's InvalidInput: "Service role name ... has been taken in this account".
 * Source: AWS IAM User Guide, "Create a service-linked role".
 */
export class ServiceLinkedRole extends Construct {
  readonly role: IamServiceLinkedRole;

  constructor(scope: Construct, label: string, props: ServiceLinkedRoleProps) {
    super(scope, label);
    const { accountId, service, roleName, origin } = props;
    const path = `/aws-service-role/${service}/`;
    const adopts = origin === "adopt";
    this.role = new IamServiceLinkedRole(this, label, {
      awsServiceName: service,
      dependsOn: adopts ? [this.existing(label, path, props)] : undefined,
    });
    if (adopts) {
      new Import(this, this.role, `arn:aws:iam::${accountId}:role${path}${roleName}`);
    }
  }

  /** Says what to do where there is none: the import would only say that it found no object. */
  private existing(
    label: string,
    pathPrefix: string,
    { accountId, roleName, singleton, hint = "" }: ServiceLinkedRoleProps,
  ): DataAwsIamRoles {
    return new DataAwsIamRoles(this, `data.aws_iam_roles.${label}`, {
      pathPrefix,
      lifecycle: {
        postcondition: [
          {
            condition: "${length(self.names) > 0}",
            errorMessage: `Account ${accountId} has no role ${roleName} to adopt${hint}: set singletons.${singleton} to "create" in environments/accounts.ts.`,
          },
        ],
      },
    });
  }
}
