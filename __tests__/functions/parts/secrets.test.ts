import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { SecretsManager } from "../../../functions/parts/secrets";
import { answering } from "../support/answering";

const patience = { seconds: 5, intervalSeconds: 0.01 };
const version = { arn: "arn:secret", versionId: "v3" };

/** A client that gives these answers one after another, and keeps the commands. */
function client(...answers: readonly unknown[]) {
  const { commands, send } = answering(answers);
  return { commands, secrets: new SecretsManager({ send } as unknown as SecretsManagerClient, patience) };
}

const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });

test("the version that is asked for is read, and no other", async () => {
  const { commands, secrets } = client({ SecretString: "value" });
  expect(await secrets.value(version)).toBe("value");
  expect(commands).toEqual([expect.any(GetSecretValueCommand)]);
  expect(commands[0]?.input).toEqual({ SecretId: "arn:secret", VersionId: "v3" });
});

test("a policy that does not hold yet is waited for", async () => {
  const { commands, secrets } = client(denied, denied, { SecretString: "value" });
  expect(await secrets.value(version)).toBe("value");
  expect(commands).toHaveLength(3);
});

test("another failure is not tried again, and a secret without text is named", async () => {
  const { commands, secrets } = client(new Error("no such version"));
  await expect(secrets.value(version)).rejects.toThrow("no such version");
  expect(commands).toHaveLength(1);
  await expect(client({}).secrets.value(version)).rejects.toThrow("secret arn:secret, version v3, holds no text");
});

test("the other versions are listed newest first, the deprecated ones too, over all pages", async () => {
  const at = (id: string, day: number) => ({ VersionId: id, CreatedDate: new Date(Date.UTC(2026, 0, day)) });
  const { commands, secrets } = client(
    { Versions: [at("v1", 1), at("v3", 3)], NextToken: "more" },
    { Versions: [at("v2", 2)], NextToken: "" },
  );
  expect(await secrets.others(version)).toEqual([
    { arn: "arn:secret", versionId: "v2" },
    { arn: "arn:secret", versionId: "v1" },
  ]);
  expect(commands).toEqual([expect.any(ListSecretVersionIdsCommand), expect.any(ListSecretVersionIdsCommand)]);
  expect(commands.map(({ input }) => input)).toEqual([
    { SecretId: "arn:secret", IncludeDeprecated: true, NextToken: undefined },
    { SecretId: "arn:secret", IncludeDeprecated: true, NextToken: "more" },
  ]);
});
