import { parseState } from "../../../scripts/terraform/state";

/** A VPC, a tainted database, a data source, and a service in a module. */
export const exampleState = parseState({
  values: {
    root_module: {
      resources: [
        { address: "aws_vpc.skymanuals", mode: "managed", type: "aws_vpc", values: { id: "vpc-1" } },
        {
          address: "aws_db_instance.postgres",
          mode: "managed",
          type: "aws_db_instance",
          tainted: true,
          values: { id: "db-ABC", identifier: "skymanuals-postgres" },
        },
        { address: "data.aws_caller_identity.current", mode: "data", type: "aws_caller_identity", values: { id: "1" } },
      ],
      child_modules: [
        {
          resources: [
            {
              address: "module.x.aws_ecs_service.api",
              mode: "managed",
              type: "aws_ecs_service",
              values: { id: "arn:service", name: "api", cluster: "arn:aws:ecs:us-east-1:1:cluster/skymanuals" },
            },
          ],
        },
      ],
    },
  },
});
