import { join } from "node:path";
import { development } from "../../environments/development";
import { type Aws, apiNames, release, waitForRollout } from "../../scripts/release/release";
import { type CommandResult, run } from "./support/command";
import { LocalRun } from "./support/local-run";
import { synthesizeService } from "./support/service-stack";
import { story } from "./support/story";

interface Running {
  readonly cpu: string;
  readonly image: string;
  readonly revision: number;
}

const local = new LocalRun("release");
const outdir = join(local.folder("synth"), "cdktf.out");
const names = apiNames(development.names.prefix);
const repository = `${development.accountId}.dkr.ecr.${development.region}.amazonaws.com/${development.names.prefix}-api`;
let digest: string;
let env: NodeJS.ProcessEnv;

const targets = { ecs: "AmazonEC2ContainerServiceV20141113", ssm: "AmazonSSM", sts: "" };
const aws: Aws = (service, operation, members) =>
  local.emulator.call(service, `${targets[service]}.${operation}`, members);

const terraform = (command: string, ...args: string[]): Promise<CommandResult> =>
  run("terraform", [command, "-no-color", "-input=false", ...args], { cwd: join(outdir, "stacks", "service"), env });
const apply = () => terraform("apply", "-auto-approve");
/** Exit code 2 of a plan that would change something is a failure here. */
const expectEmptyPlan = () => terraform("plan", "-detailed-exitcode");

/** Puts an image of its own into the repository; its digest. */
async function push(imageTag: string): Promise<string> {
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const layers = [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", size: 1, digest: `sha256:${imageTag}` }];
  const { image } = await local.emulator.call<{ image: { imageId: { imageDigest: string } } }>(
    "ecr",
    "AmazonEC2ContainerRegistry_V20150921.PutImage",
    {
      repositoryName: `${development.names.prefix}-api`,
      imageManifest: JSON.stringify({ schemaVersion: 2, mediaType, config: layers[0], layers }),
      imageTag,
    },
  );
  return image.imageId.imageDigest;
}

/** What the service runs. */
async function running(): Promise<Running> {
  const { services } = (await aws("ecs", "DescribeServices", {
    cluster: names.cluster,
    services: [names.service],
  })) as { services: [{ taskDefinition: string }] };
  const { taskDefinition } = (await aws("ecs", "DescribeTaskDefinition", {
    taskDefinition: services[0].taskDefinition,
  })) as { taskDefinition: Running & { containerDefinitions: { name: string; image: string }[] } };
  const image = taskDefinition.containerDefinitions.find(({ name }) => name === "api")?.image ?? "";
  return { cpu: taskDefinition.cpu, image, revision: taskDefinition.revision };
}

story(
  "an image that is released outside Terraform stays",
  (step) => {
    step("the first apply runs the environment's image, and says what to push", async () => {
      await local.startEmulator("development");
      env = await local.terraformEnvironment();
      synthesizeService(outdir, 1024);
      await terraform("init");
      const { stdout } = await apply();
      expect(stdout).toContain(`api_image_to_push = "${repository}:1.0.0"`);
      expect(await running()).toEqual({ cpu: "1024", image: `${repository}:1.0.0`, revision: 1 });
      await expectEmptyPlan();
    });

    step("after a release the next plan is empty", async () => {
      await push("1.0.0");
      await push("1.4.2");
      const released = await release(aws, names, "1.4.2");
      expect(released).toMatchObject({ image: `${repository}:1.4.2`, previousImage: `${repository}:1.0.0` });
      await waitForRollout(aws, names, released);
      expect(await running()).toEqual({ cpu: "1024", image: `${repository}:1.4.2`, revision: 2 });
      await expectEmptyPlan();
    });

    step("a later change of the task definition keeps the released image", async () => {
      synthesizeService(outdir, 512);
      const { stdout } = await apply();
      expect(stdout).toContain(`"1024" -> "512" # forces replacement`);
      expect(await running()).toEqual({ cpu: "512", image: `${repository}:1.4.2`, revision: 3 });
      await expectEmptyPlan();
    });

    step("a release by digest keeps the changed task definition", async () => {
      digest = await push("1.4.3");
      await release(aws, names, digest);
      expect(await running()).toEqual({ cpu: "512", image: `${repository}@${digest}`, revision: 4 });
      await expectEmptyPlan();
    });

    step("a release that was cut after its first call is carried out by the next apply", async () => {
      const cut: Aws = (service, operation, members) =>
        operation === "RegisterTaskDefinition"
          ? Promise.reject(new Error("connection lost"))
          : aws(service, operation, members);
      await push("1.5.0");
      await expect(release(cut, names, "1.5.0")).rejects.toThrow("connection lost");
      expect(await running()).toMatchObject({ image: `${repository}@${digest}` });
      await apply();
      expect(await running()).toEqual({ cpu: "512", image: `${repository}:1.5.0`, revision: 5 });
    });

    step("AWS refuses a tag that is none", async () => {
      await expect(release(aws, names, "no tag")).rejects.toThrow("ParameterPatternMismatch");
      expect(await running()).toMatchObject({ image: `${repository}:1.5.0` });
    });

    step("destroy leaves the superseded revisions, and nothing else", async () => {
      await terraform("destroy", "-auto-approve");
      const left = await local.emulator.inventory();
      expect([...new Set(left.map(({ type }) => type))]).toEqual(["aws_ecs_task_definition"]);
      expect(left.map(({ name }) => name).sort()).toEqual([1, 2, 3, 4, 5].map((n) => `${names.service}:${n}`));
    });
  },
  () => local.remove(),
);
