import { DescribeServicesCommand, type DescribeTaskDefinitionCommand, type ECSClient } from "@aws-sdk/client-ecs";
import { Ecs } from "../../../functions/bootstrap-database/deployment";

const url = { arn: "arn:url", versionId: "v2" };
const service = { cluster: "cluster", name: "api" };

interface Deployment {
  readonly status: "PRIMARY" | "ACTIVE";
  readonly taskDefinition: "api:1" | "api:2";
  readonly rolloutState: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly rolloutStateReason?: string;
  readonly runningCount?: number;
}

const old: Deployment = { status: "ACTIVE", taskDefinition: "api:1", rolloutState: "COMPLETED", runningCount: 2 };
const rolling: Deployment = { status: "PRIMARY", taskDefinition: "api:2", rolloutState: "IN_PROGRESS" };
const over: Deployment = { ...rolling, rolloutState: "COMPLETED" };

/** Waits for a service whose deployments are these, one list after another, of which the last one stays. */
async function waitFor(...lists: (readonly Deployment[] | Error)[]): Promise<number> {
  let asked = 0;
  const send = async (command: object) => {
    if (command instanceof DescribeServicesCommand) {
      expect(command.input).toEqual({ cluster: "cluster", services: ["api"] });
      const list = lists[Math.min(asked++, lists.length - 1)];
      if (list instanceof Error) {
        throw list;
      }
      return { services: [{ deployments: list }] };
    }
    const { taskDefinition } = (command as DescribeTaskDefinitionCommand).input;
    const version = taskDefinition === "api:2" ? "v2" : "v1";
    const containers = [
      { name: "api", secrets: [{ name: "DATABASE_URL", valueFrom: `arn:url:::${version}` }] },
      { name: "collector" },
    ];
    return { taskDefinition: { containerDefinitions: containers } };
  };
  const ecs = new Ecs({ send } as unknown as ECSClient, { seconds: 0.3, intervalSeconds: 0.01 });
  await ecs.waitFor(service, url);
  return asked;
}

test("a deployment that is over is not waited for", async () => {
  expect(await waitFor([over])).toBe(1);
});

test("one that is under way is, until its tasks are stable and those of the one before it are gone", async () => {
  expect(await waitFor([rolling, old], [rolling], [over, old], [over])).toBe(4);
});

test("one that failed alone, as before the first image, leaves nothing to go back to", async () => {
  expect(await waitFor([{ ...rolling, rolloutState: "FAILED" }])).toBe(1);
  expect(
    await waitFor([
      { ...rolling, rolloutState: "FAILED" },
      { ...old, rolloutState: "FAILED", runningCount: 0 },
    ]),
  ).toBe(1);
});

test("a role whose policy does not hold yet asks again", async () => {
  expect(await waitFor(Object.assign(new Error("denied"), { name: "AccessDeniedException" }), [over])).toBe(2);
});

test.each<[string, RegExp, ...(readonly Deployment[])[]]>([
  [
    "a service that was rolled back to the earlier version",
    /^The tasks of api have another version of arn:url than v2: ECS rolled the deployment back \(circuit breaker\)\. Mend the revision and apply again\. Both users/,
    [rolling, old],
    [{ ...old, status: "PRIMARY", rolloutState: "IN_PROGRESS", rolloutStateReason: "circuit breaker" }],
  ],
  [
    "a deployment that failed",
    /^The deployment of api failed: no tasks\. Mend it and apply again/,
    [{ ...rolling, rolloutState: "FAILED", rolloutStateReason: "no tasks." }, old],
  ],
  [
    "a deployment that does not end",
    /^The deployment of api is not over: IN_PROGRESS\. Apply again when it is/,
    [rolling, old],
  ],
  ["a service that does not exist", /^The cluster cluster has no service api with a deployment\.$/, []],
])("%s fails, and says so", async (_, message, ...lists) => {
  await expect(waitFor(...lists)).rejects.toThrow(message);
});
