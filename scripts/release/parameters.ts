import {
  DescribeParametersCommand,
  GetParameterCommand,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";

/**
 * @throws Error where there is no such parameter
 */
export async function readParameter(ssm: SSMClient, name: string): Promise<string> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
    return Parameter?.Value ?? "";
  } catch (error) {
    throw error instanceof Error && error.name === "ParameterNotFound" ? missing(name) : error;
  }
}

/**
 * Writes another value, and everything else as Terraform wrote it: the pattern too, by which AWS refuses what is no tag.
 *
 * @throws Error where there is no such parameter, and with what AWS refuses
 */
export async function writeParameter(ssm: SSMClient, name: string, value: string): Promise<void> {
  const { Parameters = [] } = await ssm.send(
    new DescribeParametersCommand({ ParameterFilters: [{ Key: "Name", Option: "Equals", Values: [name] }] }),
  );
  const [parameter] = Parameters;
  if (!parameter) {
    throw missing(name);
  }
  const { Description, AllowedPattern } = parameter;
  await ssm.send(new PutParameterCommand({ Name: name, Value: value, Overwrite: true, Description, AllowedPattern }));
}

function missing(name: string): Error {
  return new Error(`there is no parameter ${name}: apply the stack first`);
}
