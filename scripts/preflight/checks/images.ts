import { apiImageParameter, apiName, logstashName } from "../../../facts/names";
import { type Ask, unlessMissing } from "../aws";
import type { Check, Subject } from "../check";
import type { Finding } from "../finding";

interface Repository {
  readonly registryId: string;
  readonly region: string;
  readonly name: string;
  /** The stack creates it. */
  readonly own: boolean;
}

/** The images that the services run are in their repositories. */
export const images: Check = {
  name: "images",
  asks: ["ecr.DescribeImages", "ssm.GetParameter"],
  run: async (subject) => {
    if (subject.emulated) {
      return { findings: [], skipped: "the emulator has only the images that were pushed to it" };
    }
    const { environment, ask } = subject;
    const { accountId, region, names, api, logstash } = environment;
    const own = (name: string): Repository => ({ registryId: accountId, region, name, own: true });
    const outcomes = await Promise.all([
      checkImage(
        ask,
        api.ecrRepositoryUrl === null ? own(apiName(names.prefix)) : repositoryOf(api.ecrRepositoryUrl),
        await releasedTag(subject),
        "the API",
      ),
      checkImage(ask, own(logstashName(names.prefix)), logstash.imageTag, "Logstash"),
    ]);
    return { findings: outcomes.flat() };
  },
};

/** What the last release wrote, or the first image where there was none. */
async function releasedTag({ ask, environment: { names, api } }: Subject): Promise<string> {
  const parameter = ask("ssm.GetParameter", { Name: apiImageParameter(names.prefix) });
  return (await unlessMissing(parameter, "ParameterNotFound"))?.Parameter?.Value ?? api.imageTag;
}

async function checkImage(
  ask: Ask,
  { registryId, region, name, own }: Repository,
  tag: string,
  who: string,
): Promise<Omit<Finding, "check">[]> {
  const imageId = tag.startsWith("sha256:") ? { imageDigest: tag } : { imageTag: tag };
  const asked = ask("ecr.DescribeImages", { registryId, repositoryName: name, imageIds: [imageId] }, region);
  const missing = ["RepositoryNotFoundException", "ImageNotFoundException"];
  if (await unlessMissing(asked, ...missing)) {
    return [];
  }
  const registry = `${registryId}.dkr.ecr.${region}.amazonaws.com`;
  const reference = `${registry}/${name}${tag.startsWith("sha256:") ? "@" : ":"}${tag}`;
  return [
    {
      // The repository of our own is made by the first apply, and is empty then.
      severity: own ? "warning" : "error",
      what: `image ${reference}`,
      got: "the repository does not have it, or does not exist",
      needed: `the image that ${who} runs: until it is there, no task starts`,
      fix: `${own ? "after the first apply, " : ""}docker push ${registry}/${name}:<tag>`,
    },
  ];
}

/** `<account>.dkr.ecr.<region>.amazonaws.com/<name>`, as the schema checks it. */
function repositoryOf(url: string): Repository {
  const [, registryId = "", region = "", name = ""] =
    /^(\d+)\.dkr\.ecr\.([^.]+)\.amazonaws\.com\/(.+)$/.exec(url) ?? [];
  return { registryId, region, name, own: false };
}
