import { type DeployJson, type DestroyJson, LocalRun } from "./support/local-run";
import { story } from "./support/story";

const stack = "skymanuals-production";
const local = new LocalRun("production");
const bucket = "/skymanuals-terraform-state-222222222222";

story(
  "skymanuals-production on a machine with no AWS account",
  (step) => {
    step(
      "one command applies it with the stacks of its account and the pilot light of its recovery region, and nothing is left to change",
      async () => {
        const report: DeployJson = await local.deployPairJson("production");
        expect(report).toMatchObject({ ok: true, failures: [], environment: "production" });
        expect(report.stacks.map((applied) => applied.stack)).toEqual([
          "skymanuals-state-production",
          "skymanuals-account-production",
          "skymanuals-state-production-dr",
          "skymanuals-account-production-dr",
          "skymanuals-production-dr",
          stack,
        ]);
        for (const applied of report.stacks) {
          expect(applied).toMatchObject({ differences: [], updated: 0, replaced: 0, deleted: 0, untainted: [] });
          expect(applied.created).toBe(applied.resources);
        }
        expect(report.summary).toMatchObject({ refused: [], unimplemented: [] });
        expect(report.outputs.api_url?.value).toBe("https://api.skymanuals.com");
      },
      1200,
    );

    step("what development has none of is there: domain, certificates, interface endpoints, a replica", async () => {
      const inventory = await local.emulator.inventory();
      const count = (type: string) => inventory.filter((item) => item.type === type).length;
      expect(count("aws_acm_certificate")).toBe(2);
      // Interface endpoints and the gateway endpoint of S3.
      expect(count("aws_vpc_endpoint")).toBe(6);
      expect(count("aws_nat_gateway")).toBe(3);
      expect(count("aws_route53_record")).toBeGreaterThanOrEqual(3);
    });

    step("its state lies encrypted in the bucket of the state stack, unlocked, and in no file", async () => {
      const state = await local.emulator.s3("HEAD", `${bucket}/skymanuals-production/terraform.tfstate`);
      expect(state.status).toBe(200);
      expect(state.headers.get("x-amz-server-side-encryption")).toBe("aws:kms");
      const lock = await local.emulator.s3("HEAD", `${bucket}/skymanuals-production/terraform.tfstate.tflock`);
      expect(lock.status).toBe(404);
      expect(local.files().filter((name) => name.endsWith(".tfstate"))).toEqual([
        "terraform.skymanuals-account-production-dr.tfstate",
        "terraform.skymanuals-account-production.tfstate",
        "terraform.skymanuals-state-production-dr.tfstate",
        "terraform.skymanuals-state-production.tfstate",
      ]);
    });

    step("destroy:local says what prevent_destroy protects, then discards emulator and states", async () => {
      const { emulator } = local;
      const { stdout } = await local.destroy("production", "--json").expectExit(0);
      const report = JSON.parse(stdout) as DestroyJson;
      expect(report).toMatchObject({ ok: true, failures: [], left: [], remaining: [] });
      expect(report.protected).toEqual(
        expect.arrayContaining([
          `${stack}: aws_db_instance.postgres`,
          `${stack}: aws_s3_bucket.chunks`,
          "skymanuals-state-production: aws_s3_bucket.state",
        ]),
      );
      await expect(emulator.health()).rejects.toThrow();
      expect(local.processes()).toEqual([]);
      expect(local.files()).toEqual([]);
    });
  },
  () => local.remove(),
);
