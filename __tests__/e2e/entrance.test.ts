import { join } from "node:path";
import { type TerraformEvent, type TerraformOptions, terraform, terraformJson } from "../../scripts/terraform/run";
import { stackDirectory } from "../../scripts/terraform/stack-directory";
import { type EntranceSettings, synthesizeEntrance } from "./support/entrance-stack";
import { LocalRun } from "./support/local-run";
import { story } from "./support/story";

type Origin = EntranceSettings["origin"];

type Actions = Readonly<Record<string, readonly string[]>>;

interface Applied {
  /** Addresses that the plan changes, by action. */
  readonly planned: Actions;
  /** `create aws_lb.internal starts`, `create aws_lb.internal ends`: as Terraform told them, in order. */
  readonly events: readonly string[];
  /** Of the distribution, after the apply. */
  readonly origin: { readonly vpc_origin_config: readonly unknown[]; readonly custom_header: readonly unknown[] };
}

/** The parts of a state file that are read here. */
interface StateFile {
  readonly resources: readonly {
    readonly type: string;
    readonly instances: readonly { readonly attributes: { readonly origin: readonly Applied["origin"][] } }[];
  }[];
}

const local = new LocalRun("entrance");
const outdir = join(local.folder("synth"), "cdktf.out");
let env: NodeJS.ProcessEnv;

const balancers: Readonly<Record<Origin, readonly string[]>> = {
  public: ["aws_lb.main", "aws_lb_listener.api", "aws_lb_listener_rule.cloudfront", "aws_lb_target_group.api"],
  vpc: [
    "aws_cloudfront_vpc_origin.http",
    "aws_lb.internal",
    "aws_lb_listener.internal",
    "aws_lb_target_group.internal",
  ],
};
const listeners: Readonly<Record<Origin, string>> = { public: "aws_lb_listener.api", vpc: "aws_lb_listener.internal" };
const secrets = ["even", "odd"].flatMap((parity) => [
  `aws_secretsmanager_secret.origin_header_${parity}`,
  `aws_secretsmanager_secret_version.origin_header_${parity}`,
]);
const kinds: Readonly<Record<Origin, readonly string[]>> = {
  public: [...balancers.public, ...secrets],
  vpc: balancers.vpc,
};
const service = "aws_ecs_service.api";
const distribution = "aws_cloudfront_distribution.skymanuals";

const optionsOf = (name: string, onEvent?: (event: TerraformEvent) => void): TerraformOptions => ({
  directory: stackDirectory(outdir, name),
  env,
  ...(onEvent ? { onEvent } : {}),
});

/** Plans and applies, and expects that nothing is left to change. */
async function apply(settings: EntranceSettings): Promise<Applied> {
  const { name } = settings;
  synthesizeEntrance(outdir, settings);
  const planned: Record<string, string[]> = {};
  const onChange = ({ type, change }: TerraformEvent) => {
    if (type === "planned_change" && change && !["noop", "read"].includes(change.action)) {
      planned[change.action] = [...(planned[change.action] ?? []), change.resource.addr].sort();
    }
  };
  await terraform(["plan", "-json", "-input=false", "-out=plan"], optionsOf(name, onChange));
  const events: string[] = [];
  const onEvent = ({ type, hook }: TerraformEvent) => {
    const phase = { apply_start: "starts", apply_complete: "ends" }[type];
    if (phase && hook?.action !== "read") {
      events.push(`${hook?.action} ${hook?.resource.addr} ${phase}`);
    }
  };
  await terraform(["apply", "-json", "-input=false", "plan"], optionsOf(name, onEvent));
  await terraform(["plan", "-input=false", "-detailed-exitcode"], optionsOf(name));
  const { resources } = await terraformJson<StateFile>(["state", "pull"], optionsOf(name));
  const [used] = resources.filter(({ type }) => type === "aws_cloudfront_distribution");
  return { planned, events, origin: used?.instances[0]?.attributes.origin[0] as Applied["origin"] };
}

function expectBefore(events: readonly string[], first: string, then: string): void {
  expect(events).toContain(first);
  expect(events).toContain(then);
  expect([events.indexOf(first) < events.indexOf(then), first, then]).toEqual([true, first, then]);
}

/** They watch the load balancer in use. */
const alarms = [
  "api_connection_errors",
  "api_down",
  "api_errors",
  "api_refusals",
  "api_slow",
  "api_unanswered",
  "api_unhealthy_tasks",
  "load_balancer_rejections",
].map((label) => `aws_cloudwatch_metric_alarm.${label}`);

/** How many of each the distribution's origin has: VPC origins, secret headers. */
const reaches = ({ origin }: Pick<Applied, "origin">) => [origin.vpc_origin_config.length, origin.custom_header.length];
const reached: Readonly<Record<Origin, readonly number[]>> = { public: [0, 1], vpc: [1, 0] };

/** What each of the three applies does where CloudFront moves from one kind of load balancer to the other. */
async function move(name: string, from: Origin, to: Origin, number: 1 | 2 | 3): Promise<void> {
  if (number === 1) {
    const beside = await apply({ name, origin: from, standby: true });
    expect(beside.planned).toEqual({ create: [...kinds[to]].sort(), update: [service] });
    // ECS refuses a target group that belongs to no load balancer.
    expectBefore(beside.events, `create ${listeners[to]} ends`, `update ${service} starts`);
    expect(reaches(beside)).toEqual(reached[from]);
  } else if (number === 2) {
    const switched = await apply({ name, origin: to, standby: true });
    expect(switched.planned).toEqual({ update: [distribution, ...alarms] });
    expect(reaches(switched)).toEqual(reached[to]);
  } else {
    const alone = await apply({ name, origin: to, standby: false });
    expect(alone.planned).toEqual({ delete: [...kinds[from]].sort(), update: [service] });
    // The VPC origin serves nothing since the second apply: AWS deletes none that a distribution uses.
    for (const address of balancers[from].filter((each) => !each.startsWith("aws_cloudfront_vpc_origin."))) {
      expectBefore(alone.events, `update ${service} ends`, `delete ${address} starts`);
    }
    expect(reaches(alone)).toEqual(reached[to]);
  }
}

/** Both ways at once: most of the time the provider waits for load balancers. */
const bothWays = (number: 1 | 2 | 3) => () =>
  Promise.all([move("sky-there", "public", "vpc", number), move("sky-back", "vpc", "public", number)]).then(() => {});

story(
  "CloudFront moves between a public and an internal load balancer",
  (step) => {
    step("one environment begins with the public one, another with the internal one", async () => {
      await local.startEmulator("development");
      env = await local.terraformEnvironment();
      const first = async (name: string, origin: Origin) => {
        const settings = { name, origin, standby: false };
        synthesizeEntrance(outdir, settings);
        await terraform(["init", "-input=false"], optionsOf(name));
        const { planned, events, origin: used } = await apply(settings);
        expect(planned).toEqual({ create: expect.arrayContaining([...kinds[origin]]) });
        expectBefore(events, `create ${listeners[origin]} ends`, `create ${distribution} starts`);
        return reaches({ origin: used });
      };
      const origins = await Promise.all([first("sky-there", "public"), first("sky-back", "vpc")]);
      expect(origins).toEqual([reached.public, reached.vpc]);
    });

    step("the other one is created beside it, and the service's tasks register at both", bothWays(1));
    step("CloudFront changes over, and nothing is created or destroyed", bothWays(2));
    step("the first one goes, after the service has let go of it", bothWays(3));
  },
  () => local.remove(),
);
